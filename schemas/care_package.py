"""Describe care that the council arranges and pays for."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class CarePackage(Canonical):
    """Be one service of a care package (CLD Service; PRSB services and care; FHIR EpisodeOfCare)."""

    entity: ClassVar[str] = "care_package"

    service: str = needed("What is provided, such as home-care, day-care, residential or direct-payment.", C.HEALTH)
    provider: str | None = described("Name of the provider.", C.PERSONAL)
    provider_reference: str | None = described("Supplier number of the provider in the finance system.", C.NONE)
    reference: str = needed("Number of the package in the care system.", C.PERSONAL)
    weekly_cost_pence: int | None = described("Agreed cost of a week, in pence.", C.PERSONAL)
    from_date: Day | None = described("First day of the service.", C.PERSONAL)
    to_date: Day | None = described("Last day of the service; empty while it lasts.", C.PERSONAL)
