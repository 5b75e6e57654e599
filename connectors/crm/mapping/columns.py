"""Read single columns of a Dataverse row. Each refusal names the column, and never what stood in it."""

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from uuid import UUID

from wye.ports import BadInput, SourceRow, record_id


def text(row: SourceRow, column: str) -> str | None:
    """Return the text without outer spaces; nothing if there is none."""
    value = row.values.get(column)
    return (str(value).strip() or None) if value is not None else None


def day(row: SourceRow, column: str) -> date | None:
    """Return the day of an Edm.Date column; raises BadInput if it is none."""
    held = text(row, column)
    try:
        return None if held is None else date.fromisoformat(held)
    except ValueError:
        raise BadInput(f"column `{column}` holds no day: right is YYYY-MM-DD") from None


def instant(row: SourceRow, column: str) -> str:
    """Return an Edm.DateTimeOffset column as an instant in UTC; raises BadInput if it is empty or none."""
    refused = BadInput(f"column `{column}` holds no instant: right is ISO 8601 with its zone")
    try:
        found = datetime.fromisoformat(text(row, column) or "")
    except ValueError:
        raise refused from None
    if found.tzinfo is None or not MINYEAR < found.year < MAXYEAR:
        raise refused
    return found.astimezone(UTC).isoformat().replace("+00:00", "Z")


def choice(row: SourceRow, column: str, words: Mapping[str, str]) -> str | None:
    """Translate a choice's number; raises BadInput for one that is not known, and lists what is."""
    held = text(row, column)
    if held is None:
        return None
    if held not in words:
        raise BadInput(f"column `{column}` holds a choice that is not known: known are {', '.join(words)}")
    return words[held]


def contact(row: SourceRow, column: str) -> UUID:
    """Return the record of the contact that the column names; raises BadInput if it names none."""
    held = text(row, column)
    if held is None:
        raise BadInput(f"column `{column}` is empty: the row means nothing without it")
    return record_id("crm", "contacts", held.lower())
