"""Describe who answers for council tax or receives a benefit at a property."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Liability(Canonical):
    """Be one council tax account or benefit claim of a person."""

    entity: ClassVar[str] = "liability"

    kind: str = needed("council-tax or housing-benefit.", C.PERSONAL)
    account: str = needed("Account or claim number, as the council writes it.", C.PERSONAL)
    role: str | None = described("liable, joint, claimant, partner or household-member.", C.PERSONAL)
    from_date: Day | None = described("First day.", C.PERSONAL)
    to_date: Day | None = described("Last day; empty while it lasts.", C.PERSONAL)
