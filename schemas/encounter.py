"""Describe a stay or visit at a health provider."""

from typing import ClassVar

from schemas.base import Canonical, described, needed
from schemas.classification import Classification as C


class Encounter(Canonical):
    """Be one admission or attendance (UK Core Encounter)."""

    entity: ClassVar[str] = "encounter"

    kind: str = needed("admission, discharge or attendance.", C.HEALTH)
    status: str | None = described("in-progress, finished or cancelled.", C.HEALTH)
    admitted_at: str | None = described("Start, as an instant in UTC (ISO 8601).", C.HEALTH)
    discharged_at: str | None = described("End, as an instant in UTC; empty while it lasts.", C.HEALTH)
    ward: str | None = described("Ward or department.", C.HEALTH)
    reason: str | None = described("Reason in the provider's words.", C.FREE_TEXT)
    organisation: str | None = described("Provider: ODS code.", C.NONE)
    reference: str | None = described("The provider's own number of the stay.", C.PERSONAL)
