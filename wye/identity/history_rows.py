"""Read everything that was ever kept of one person in the index: versions of attributes, links and events."""

from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

from wye.store.database import Connection

VERSIONS: LiteralString = """SELECT attribute, value, source, record, reason, contributors, recorded_at, superseded_at
FROM identity.golden WHERE person = %s ORDER BY attribute, recorded_at"""

LINKS: LiteralString = """SELECT l.record, r.source, r.stream, l.kind, l.reason, l.recorded_at, l.superseded_at
FROM identity.person_link l LEFT JOIN LATERAL (
 SELECT source, stream FROM canonical.row c WHERE c.record = l.record AND c.entity = 'person'
 ORDER BY c.recorded_at DESC LIMIT 1) r ON true
WHERE l.person = %s ORDER BY l.recorded_at, l.record"""

EVENTS: LiteralString = """SELECT id, kind, kept, other, records, reason, actor, at FROM identity.event
WHERE kept = %(person)s OR other = %(person)s ORDER BY at, id"""


def known_since(conn: Connection, person: UUID) -> datetime | None:
    """Tell since when a person is known, or None if there never was such a person."""
    found = conn.execute("SELECT created_at FROM identity.person WHERE person = %s", (person,)).fetchone()
    return cast("datetime | None", found[0] if found else None)


def versions(conn: Connection, person: UUID) -> list[dict[str, Any]]:
    """Read every version of every golden attribute."""
    return _dicts(conn, VERSIONS, (person,))


def links(conn: Connection, person: UUID) -> list[dict[str, Any]]:
    """Read every link that the person ever had; `source` is None where nothing is held of the record any more."""
    return _dicts(conn, LINKS, (person,))


def events(conn: Connection, person: UUID) -> list[dict[str, Any]]:
    """Read every event that names the person."""
    return _dicts(conn, EVENTS, {"person": person})


def _dicts(conn: Connection, statement: LiteralString, values: Any) -> list[dict[str, Any]]:
    cursor = conn.execute(statement, values)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
