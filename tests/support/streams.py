"""A small source of invented people, for tests of intake."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import orjson

from schemas.contact_point import ContactPoint
from schemas.person import Person
from wye.intake.stream import Finding, StreamMap
from wye.keys.file import FileKeys
from wye.ports import BadInput, Canonical, SourceRow, record_id
from wye.quality.check import check_rows
from wye.quality.contract import RowRule, StreamContract
from wye.vocabulary import Dimension

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOURCE, STREAM = "frameworki", "persons"
CONTRACT = StreamContract(
    STREAM,
    ("SURNAME", "BORN", "PHONE"),
    {},
    (
        RowRule("surname is there", "SURNAME", "not_null", {}, Dimension.COMPLETENESS),
        RowRule("surname is clean", "SURNAME", "clean_text", {}, Dimension.VALIDITY),
        RowRule("birth is not in the future", "BORN", "date_not_future", {}, Dimension.ACCURACY),
    ),
)


def keys(folder: Path) -> FileKeys:
    """Make a hub's keys."""
    return FileKeys.open(folder / "keys")


def row(
    key: str, surname: str | None = "Ashdown", born: str | None = "1950-01-01", phone: str | None = None, **more: object
) -> SourceRow:
    """Build one row."""
    return SourceRow(key, {"SURNAME": surname, "BORN": born, "PHONE": phone, **more}, AT)


def by_record(rows: Iterable[SourceRow]) -> dict[UUID, SourceRow]:
    """Name rows by record."""
    return {record_id(SOURCE, STREAM, each.key): each for each in rows}


def mapped(each: SourceRow) -> Iterable[Canonical]:
    """Map a row as a connector would."""
    subject = record_id(SOURCE, STREAM, each.key)
    yield Person(subject=subject, family_name=str(each.values["SURNAME"]), birth_date=each.values["BORN"])
    if each.values["PHONE"] == "unmappable":
        raise BadInput("column `PHONE` is no number")
    if each.values["PHONE"]:
        yield ContactPoint(subject=subject, kind="phone", value=str(each.values["PHONE"]))


def how() -> StreamMap:
    """Say how the stream is checked and mapped."""

    def check(values: Sequence[dict[str, object]]) -> list[Finding]:
        CONTRACT.check_columns(frozenset().union(*(each.keys() for each in values)))
        return [Finding(f.row, f.rule, f.column, f.dimension) for f in check_rows(CONTRACT, values, date(2026, 11, 1))]

    return StreamMap(SOURCE, STREAM, "arrowshire-council", "head of care", check, mapped)  # type: ignore[arg-type]


def bodies(found: Iterable[tuple[object, ...]]) -> list[dict[str, object]]:
    """Read jsonb bodies."""
    return [each[0] if isinstance(each[0], dict) else orjson.loads(str(each[0])) for each in found]
