"""Describe that a steward found which value of an attribute is right."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Correction(Canonical):
    """Be one correction that a steward accepted, without its value (UK GDPR Article 5(1)(d)); Wye's own, source `steward`."""

    entity: ClassVar[str] = "correction"

    attribute: str = needed("Field of the entity person whose right value was found.", C.NONE)
    from_date: Day | None = described("Day on which it was accepted.", C.NONE)
    to_date: Day | None = described("Last day; empty while it counts.", C.NONE)
