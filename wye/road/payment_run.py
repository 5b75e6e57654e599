"""Turn care packages that finance was told of into the payments of one month: pure.

Providers are paid for four weeks at the agreed weekly cost, once a calendar month.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import NAMESPACE_OID, UUID, uuid5

WEEKS = 4
DUE_DAY = 28


def payments(packages: Iterable[Mapping[str, object]], month: date) -> dict[UUID, dict[str, object]]:
    """Give one payment to a package that lasts in the month, by an id made of package and month: each is paid once.

    A package without cost or supplier number cannot be paid and is left out: finance asks for it.
    """
    period = f"{month:%Y%m}"
    first, last = month.replace(day=1).isoformat(), month.replace(day=DUE_DAY).isoformat()
    found: dict[UUID, dict[str, object]] = {}
    for package in packages:
        cost, supplier = package.get("weekly_cost_pence"), package.get("provider_reference")
        lasts = str(package.get("from_date") or "") <= last and str(package.get("to_date") or "9999") >= first
        if not isinstance(cost, int) or cost <= 0 or not supplier or not lasts:
            continue
        item = item_of(str(package["reference"]), month)
        found[item] = {
            "item": str(item),
            "reference": package["reference"],
            "provider_reference": supplier,
            "provider": package.get("provider") or supplier,
            "amount_pence": cost * WEEKS,
            "period": period,
            "description": f"care package {package['reference']} {period}",
            "due_on": last,
        }
    return found


def item_of(reference: str, month: date) -> UUID:
    """Name the payment of a package and month, for ever."""
    return uuid5(NAMESPACE_OID, f"wye:payment:{reference}:{month:%Y%m}")
