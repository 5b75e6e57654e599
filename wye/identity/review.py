"""Show stewards what the index holds: a person with sources and reasons, and the pairs that wait for a human.

Pairs are told by record ids and by what agrees and differs in words, never by values: who may see the values opens
the records where they are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from wye.errors import UsageError
from wye.store.database import Connection

GOLDEN = """SELECT attribute, value, source, record, reason, contributors, recorded_at FROM identity.golden
WHERE person = %s AND superseded_at IS NULL ORDER BY attribute"""

LINKS = """SELECT l.record, r.source, r.stream, l.kind, l.reason, l.recorded_at FROM identity.person_link l
LEFT JOIN canonical.row r ON r.record = l.record AND r.entity = 'person' AND r.superseded_at IS NULL
WHERE l.person = %s AND l.superseded_at IS NULL ORDER BY r.source, l.record"""

EVENTS = """SELECT id, kind, kept, other, reason, actor, at FROM identity.event
WHERE kept = %(person)s OR other = %(person)s ORDER BY at, id"""

WAITING = """SELECT d.record_a, d.record_b, d.weight, d.found_at, a.person, b.person, to_jsonb(f), to_jsonb(g)
FROM identity.doubt d
JOIN identity.person_link a ON a.record = d.record_a AND a.superseded_at IS NULL
JOIN identity.person_link b ON b.record = d.record_b AND b.superseded_at IS NULL
JOIN identity.feature f ON f.record = d.record_a JOIN identity.feature g ON g.record = d.record_b
WHERE d.decided_at IS NULL AND a.person <> b.person ORDER BY d.weight DESC, d.record_a, d.record_b LIMIT %s"""

COMPARED = (
    ("given name", "given"),
    ("family name", "family"),
    ("birth date", "birth_date"),
    ("sex", "sex"),
    ("NHS number", "nhs_number"),
    ("home", "homes"),
    ("postcode", "postcodes"),
    ("telephone", "phones"),
    ("e-mail address", "emails"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold one pair for a human; `persons` are whose records they are now."""

    records: tuple[UUID, UUID]
    persons: tuple[UUID, UUID]
    weight: float
    found_at: datetime
    differences: tuple[str, ...]


def person_of(conn: Connection, record: UUID) -> UUID:
    """Find the person of a record; raises UsageError if it has none."""
    found = conn.execute(
        "SELECT person FROM identity.person_link WHERE record = %s AND superseded_at IS NULL", (record,)
    ).fetchone()
    if found is None:
        raise UsageError(f"record `{record}` is linked to no person; has `wye run` read its source since?")
    return cast("UUID", found[0])


def show(conn: Connection, person: UUID) -> dict[str, Any]:
    """Tell a person's golden attributes with sources and reasons, records with why they are linked, and events.

    Most sensitive class: identifier. Raises UsageError if there never was such a person.
    """
    if conn.execute("SELECT 1 FROM identity.person WHERE person = %s", (person,)).fetchone() is None:
        raise UsageError(f"no person `{person}`; `wye people find` finds one by a source's own key")
    return {
        "person": person,
        "attributes": _dicts(conn, GOLDEN, (person,)),
        "records": _dicts(conn, LINKS, (person,)),
        "events": _dicts(conn, EVENTS, {"person": person}),
    }


def waiting(conn: Connection, limit: int) -> list[Waiting]:
    """List the doubtful pairs that nobody has decided, the likeliest first."""
    found = cast("list[tuple[Any, ...]]", conn.execute(WAITING, (limit,)).fetchall())
    return [
        Waiting((a, b), (person_a, person_b), weight, found_at, tuple(differences(left, right)))
        for a, b, weight, found_at, person_a, person_b, left, right in found
    ]


def differences(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """Say in words, without a value, how two records' features compare."""
    return [f"{words}: {_compare(a[column], b[column])}" for words, column in COMPARED]


def _compare(a: str | Sequence[str] | None, b: str | Sequence[str] | None) -> str:
    if not a and not b:
        return "neither has it"
    if not a or not b:
        return "only one has it"
    if isinstance(a, str) or isinstance(b, str):
        return "same" if a == b else "differs"
    return "shared" if set(a) & set(b) else "differs"


def _dicts(conn: Connection, statement: Any, values: Any) -> list[dict[str, Any]]:
    cursor = conn.execute(statement, values)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
