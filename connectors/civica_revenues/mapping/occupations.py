"""Map who was liable at which property, and when: the address of an account's lead person."""

from collections.abc import Iterator

from connectors.civica_revenues.mapping.values import address, iso_day, needed
from wye.ports import BadInput, Canonical, SourceRow, record_id


def map_row(row: SourceRow) -> Iterator[Canonical]:
    """Give the address of the account's lead person; a vacation date in the far future means still there."""
    first, last = iso_day(row, "occupation_date"), iso_day(row, "vacation_date")
    if first and last and last < first:
        raise BadInput("column `vacation_date` is before `occupation_date`")
    subject = record_id("civica_revenues", "accounts", needed(row, "account_ref"))
    home = address(row, "property_", "property_postcode", subject, "home", first, last)
    if home is None:
        raise BadInput("column `property_ref` names a property that the property list does not hold")
    yield home
