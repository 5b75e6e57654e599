"""Read single values out of a Mosaic row. Each refusal names the column, and never what stood in it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from wye.ports import BadInput, SourceRow, record_id


def text(row: SourceRow, column: str) -> str | None:
    """Return the text without outer spaces; nothing if there is none."""
    value = row.values.get(column)
    return (str(value).strip() or None) if value is not None else None


def needed_text(row: SourceRow, column: str) -> str:
    """Return the text; raises BadInput if the column is empty."""
    value = text(row, column)
    if value is None:
        raise BadInput(f"column `{column}` is empty: the row means nothing without it")
    return value


def day(row: SourceRow, column: str) -> date | None:
    """Return the day of a timestamp (Mosaic keeps days as midnight, local, without zone); BadInput if it is none."""
    value = text(row, column)
    if value is None:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise BadInput(f"column `{column}` holds no day of the calendar: right is YYYY-MM-DD") from None


def code(row: SourceRow, column: str, words: Mapping[str, str]) -> str | None:
    """Translate a code, whatever its case; raises BadInput for one that is not in the list, and lists what is."""
    value = text(row, column)
    if value is None:
        return None
    if value.upper() not in words:
        raise BadInput(f"column `{column}` holds a code that is not known: known are {', '.join(words)}")
    return words[value.upper()]


def person(row: SourceRow, column: str = "PERSON_ID") -> UUID:
    """Return the record of the person whom the column names."""
    return record_id("frameworki", "persons", needed_text(row, column))
