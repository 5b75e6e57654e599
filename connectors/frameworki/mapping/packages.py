"""Map DM_CARE_PACKAGES: the care that the council arranges and pays for."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from connectors.frameworki.mapping.held import day, needed_text, person, text
from schemas.care_package import CarePackage
from wye.ports import BadInput, Canonical, SourceRow


def map_package(row: SourceRow) -> Iterable[Canonical]:
    """Return the CarePackage with its cost in pence: exact, never by way of a float."""
    yield CarePackage(
        subject=person(row),
        service=needed_text(row, "SERVICE_TYPE").lower().replace("_", "-").replace(" ", "-"),
        provider=text(row, "PROVIDER_NAME"),
        provider_reference=text(row, "PROVIDER_REF"),
        reference=needed_text(row, "PACKAGE_ID"),
        weekly_cost_pence=_pence(row, "WEEKLY_COST"),
        from_date=day(row, "START_DATE"),
        to_date=day(row, "END_DATE"),
    )


def _pence(row: SourceRow, column: str) -> int | None:
    held = text(row, column)
    if held is None:
        return None
    refused = BadInput(f"column `{column}` holds no amount in pounds and whole pence")
    try:
        pence = Decimal(held) * 100
    except InvalidOperation:
        raise refused from None
    if not pence.is_finite() or pence != pence.to_integral_value():
        raise refused
    return int(pence)
