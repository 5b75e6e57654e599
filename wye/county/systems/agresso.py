"""Write the finance system: what Agresso has already paid to care providers."""

from datetime import timedelta
from random import Random

from wye.county.residents import Package
from wye.county.systems.writing import Desk

NAME = "agresso"
PAYMENTS = f"{NAME}/payment_status.csv"
COLUMNS = {PAYMENTS: ("apar_id", "ext_inv_ref", "amount", "status", "pay_date", "voucher_no", "last_update")}
_PERIODS = 3
_DAYS_OF_PERIOD = 28
_FIRST_VOUCHER = 70_000_001


def provider_reference(provider: int) -> str:
    """Write a provider's supplier number."""
    return f"P{10_000 + provider * 37}"


class Agresso:
    """Write payments, made every four weeks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._voucher = desk.ids_from + _FIRST_VOUCHER

    def pay(self, rng: Random, reference: int, package: Package) -> None:
        """Pay the last periods of one package: mostly paid, the latest sometimes received only, few rejected."""
        for period in range(_PERIODS, 0, -1):
            day = self._desk.today - timedelta(_DAYS_OF_PERIOD * period - 20)
            if package.since > day - timedelta(_DAYS_OF_PERIOD) or (package.until and package.until < day):
                continue
            chance = rng.random()
            status = "R" if chance < 0.02 else "N" if period == 1 and chance < 0.4 else "P"
            self._desk.files.csv_row(
                PAYMENTS,
                {
                    "apar_id": provider_reference(package.provider),
                    "ext_inv_ref": reference,
                    "amount": package.weekly_pence * 4,
                    "status": status,
                    "pay_date": day.strftime("%Y%m%d") if status == "P" else "",
                    "voucher_no": self._voucher,
                    "last_update": f"{day.isoformat()}T06:30:00",
                },
            )
            self._voucher += 1
