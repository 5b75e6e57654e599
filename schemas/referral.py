"""Describe a request that somebody be helped or protected."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Referral(Canonical):
    """Be one referral (SSD `ssd_cin_episodes`; UK Core ServiceRequest; CLD Request; POLE E_005)."""

    entity: ClassVar[str] = "referral"

    kind: str = needed("care, safeguarding-adult or safeguarding-child.", C.HEALTH)
    received_on: Day | None = described("Day on which the referral came.", C.PERSONAL)
    referred_by: str | None = described(
        "Source of the referral: code of the Standard Safeguarding Dataset.", C.PERSONAL
    )
    reason: str | None = described(
        "Category: neglect, physical, sexual, emotional, financial, self-neglect or care-needs.", C.HEALTH
    )
    detail: str | None = described("What was reported, in the referrer's words.", C.FREE_TEXT)
    status: str | None = described("open, no-further-action or closed.", C.PERSONAL)
    closed_on: Day | None = described("Day on which it was closed; empty while open.", C.PERSONAL)
