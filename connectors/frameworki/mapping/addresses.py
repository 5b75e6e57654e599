"""Map DM_ADDRESSES: one address of a person for a time."""

from collections.abc import Iterable

from connectors.frameworki.mapping.held import code, day, person, text
from schemas.address import Address
from wye.ports import Canonical, SourceRow

KINDS = {
    "HOME": "home",
    "MAIN": "home",
    "PERM": "home",
    "CORRESPONDENCE": "correspondence",
    "CORR": "correspondence",
    "TEMPORARY": "temporary",
    "TEMP": "temporary",
    "PLACEMENT": "placement",
    "PLACE": "placement",
}
"""ADDRESS_TYPE is a local list in each Mosaic; these are Arrowshire's codes."""


def map_address(row: SourceRow) -> Iterable[Canonical]:
    """Return the Address. UNIQUE_ID is the property's UPRN; ADDRESS one text with commas, DISTRICT the post town."""
    yield Address(
        subject=person(row),
        kind=code(row, "ADDRESS_TYPE", KINDS),
        lines=text(row, "ADDRESS"),
        town=text(row, "DISTRICT"),
        postcode=_postcode(text(row, "POST_CODE")),
        uprn=(text(row, "UNIQUE_ID") or "").lstrip("0") or None,
        from_date=day(row, "START_DATE"),
        to_date=day(row, "END_DATE"),
    )


def _postcode(held: str | None) -> str | None:
    if held is None:
        return None
    bare = "".join(held.upper().split())
    return f"{bare[:-3]} {bare[-3:]}"
