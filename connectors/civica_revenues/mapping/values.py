"""Read the values of an exported row as days, places and codes."""

from datetime import date, datetime
from uuid import UUID

from schemas.address import Address
from wye.ports import BadInput, SourceRow

NEVER = date(2099, 12, 31)
"""How the system writes "still": a last day that does not come."""
INWARD = 3


def text(row: SourceRow, column: str) -> str | None:
    """Give a column's text without the spaces around it; none if there is none."""
    value = row.values.get(column)
    return str(value).strip() or None if value is not None else None


def needed(row: SourceRow, column: str) -> str:
    """Give the text of a column that the row means nothing without; raises BadInput."""
    value = text(row, column)
    if value is None:
        raise BadInput(f"column `{column}` is empty; the row means nothing without it")
    return value


def british_day(row: SourceRow, column: str) -> date | None:
    """Read a day that is held as text dd/mm/yyyy; raises BadInput."""
    value = text(row, column)
    try:
        return datetime.strptime(value, "%d/%m/%Y").date() if value else None  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise BadInput(f"column `{column}` is no day dd/mm/yyyy") from None


def iso_day(row: SourceRow, column: str) -> date | None:
    """Read the day of a timestamp column; raises BadInput."""
    value = text(row, column)
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        raise BadInput(f"column `{column}` is no day YYYY-MM-DD") from None


def last_day(day: date | None) -> date | None:
    """Read a last day: one in the far future means that it lasts."""
    return None if day is None or day >= NEVER else day


def postcode(row: SourceRow, column: str) -> str | None:
    """Write a postcode in capitals with one space."""
    bare = "".join((text(row, column) or "").upper().split())
    return f"{bare[:-INWARD]} {bare[-INWARD:]}" if len(bare) > INWARD else bare or None


def uprn(row: SourceRow, column: str) -> str | None:
    """Write a UPRN, which the system pads to twelve digits, without leading zeros."""
    return (text(row, column) or "").lstrip("0") or None


def address(
    row: SourceRow, prefix: str, post_code: str, subject: UUID, kind: str, first: date | None, last: date | None
) -> Address | None:
    """Map addr1 to addr4: house and street, locality, post town, county (which is left out); none if all are empty."""
    lines = [line for name in ("addr1", "addr2") if (line := text(row, f"{prefix}{name}"))]
    town = text(row, f"{prefix}addr3")
    found = postcode(row, post_code)
    number = uprn(row, f"{prefix}uprn")
    if not (lines or town or found or number):
        return None
    return Address(
        subject=subject,
        kind=kind,
        lines=", ".join(lines) or None,
        town=town,
        postcode=found,
        uprn=number,
        from_date=first,
        to_date=last_day(last),
    )
