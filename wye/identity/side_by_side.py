"""Put two records side by side, with their values as their systems hold them. Most sensitive class: identifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, cast
from uuid import UUID

from wye.identity.words import Pair
from wye.store.database import Connection

# What linking reads (features.py), as its source wrote it; not what else a system holds of a person.
FIELDS = {
    "title": "title",
    "given_name": "given name",
    "middle_names": "middle names",
    "family_name": "family name",
    "birth_date": "birth date",
    "sex": "sex",
    "nhs_number": "NHS number",
}

HELD = """SELECT subject, entity, source, body FROM canonical.row WHERE superseded_at IS NULL
AND subject = ANY(%s) AND entity IN ('person', 'address', 'contact_point') ORDER BY entity, record, part"""

Row = tuple[UUID, str, str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one field of two records; None where a record does not have it."""

    field: str
    left: str | None
    right: str | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Hold two records, by their systems, field by field."""

    sources: tuple[str, str]
    lines: tuple[Line, ...]
    persons: tuple[Mapping[str, Any], Mapping[str, Any]]
    """The bodies of the person rows."""


def side_by_side(conn: Connection, pair: Pair) -> SideBySide:
    """Read two records' own values."""
    rows = cast("list[Row]", conn.execute(HELD, (list(pair),)).fetchall())
    left, right = ([row for row in rows if row[0] == record] for record in pair)
    persons = (_person(left), _person(right))
    lines = [Line(words, *(_text(each.get(field)) for each in persons)) for field, words in FIELDS.items()]
    for field, entity, kinds in (
        ("address", "address", None),
        ("telephone", "contact_point", False),
        ("e-mail", "contact_point", True),
    ):
        lines += _paired(field, _values(left, entity, email=kinds), _values(right, entity, email=kinds))
    shown = tuple(line for line in lines if line.left is not None or line.right is not None)
    sources = [next((source for _, _, source, _ in side), "-") for side in (left, right)]
    return SideBySide((sources[0], sources[1]), shown, persons)


def _person(rows: Sequence[Row]) -> Mapping[str, Any]:
    return next((body for _, entity, _, body in rows if entity == "person"), {})


def _values(rows: Sequence[Row], entity: str, *, email: bool | None) -> list[str]:
    found = []
    for _, kind, _, body in rows:
        if kind != entity or (email is not None and (body.get("kind") == "email") != email):
            continue
        said = [body.get(name) for name in ("lines", "town", "postcode", "value")]
        found.append(", ".join(str(each) for each in said if each))
    return sorted({each for each in found if each})


def _paired(field: str, left: Sequence[str], right: Sequence[str]) -> list[Line]:
    """Put what both have first, on one line; then the others."""
    both = [each for each in left if each in right]
    alone = [[each for each in side if each not in both] for side in (left, right)]
    return [Line(field, each, each) for each in both] + [Line(field, *each) for each in zip_longest(*alone)]


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)
