"""Describe a warning that changes how a person's record may be handled."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Flag(Canonical):
    """Be one flag on a person (UK Core Flag; PRSB alerts)."""

    entity: ClassVar[str] = "flag"

    kind: str = needed("restricted-record, safe-address, former-identity-sealed or risk-to-staff.", C.SAFE_ADDRESS)
    from_date: Day | None = described("First day.", C.PERSONAL)
    to_date: Day | None = described("Last day; empty while it lasts.", C.PERSONAL)
