"""Describe which service works with a person."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Involvement(Canonical):
    """Be one service's work with a person (SSD `ssd_involvements`; PRSB professional contacts)."""

    entity: ClassVar[str] = "involvement"

    service: str = needed(
        "adult-social-care, childrens-social-care, revenues, benefits, customer-services, acute-care or policing.",
        C.HEALTH,
    )
    role: str | None = described("Role of the worker, such as allocated social worker.", C.PERSONAL)
    worker: str | None = described("Name of the worker.", C.PERSONAL)
    team: str | None = described("Team of the worker.", C.PERSONAL)
    from_date: Day | None = described("First day.", C.PERSONAL)
    to_date: Day | None = described("Last day; empty while the service is involved.", C.PERSONAL)
