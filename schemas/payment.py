"""Describe money paid for a person's care."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Payment(Canonical):
    """Be one payment and its state in the finance system."""

    entity: ClassVar[str] = "payment"

    reference: str = needed("Number of the care package that is paid for.", C.PERSONAL)
    amount_pence: int | None = described("Amount in pence.", C.PERSONAL)
    status: str = needed("received, posted, paid or rejected.", C.PERSONAL)
    paid_on: Day | None = described("Day of payment.", C.PERSONAL)
    voucher: str | None = described("Voucher number of the finance system.", C.NONE)
