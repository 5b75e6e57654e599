"""Show what the index holds of a person: sources and reasons, links, words and events; never by way of a sealed record."""

from typing import Any, LiteralString, cast
from uuid import UUID

from wye.errors import UsageError
from wye.store.database import Connection

GOLDEN: LiteralString = """SELECT attribute, value, source, record, reason, contributors, recorded_at FROM identity.golden
WHERE person = %(person)s AND superseded_at IS NULL ORDER BY attribute"""

LINKS: LiteralString = """SELECT l.record, r.source, r.stream, l.kind, l.reason, l.recorded_at FROM identity.person_link l
LEFT JOIN canonical.row r ON r.record = l.record AND r.entity = 'person' AND r.superseded_at IS NULL
WHERE l.person = %(person)s AND l.superseded_at IS NULL ORDER BY r.source, l.record"""

# What a sealed record had to do with is not told: not that it happened.
EVENTS: LiteralString = """SELECT e.id, e.kind, e.kept, e.other, e.records, e.reason, e.actor, e.at, e.undoes, u.id AS undone_by
FROM identity.event e LEFT JOIN identity.event u ON u.undoes = e.id
WHERE (e.kept = %(person)s OR e.other = %(person)s)
 AND NOT EXISTS (SELECT FROM identity.sealed_record s WHERE s.record = ANY(e.records))
 AND NOT EXISTS (SELECT FROM identity.sealed_record s JOIN identity.word w ON s.record IN (w.record_a, w.record_b)
  WHERE w.event = e.id) ORDER BY e.number"""

WORDS: LiteralString = """SELECT d.record_a, d.record_b, d.decision AS said, d.event, d.actor, d.reason, d.decided_at AS at
FROM identity.doubt d WHERE d.decision IS NOT NULL AND EXISTS (
 SELECT FROM identity.person_link l WHERE l.person = %(person)s AND l.superseded_at IS NULL
  AND l.record IN (d.record_a, d.record_b))
 AND NOT EXISTS (SELECT FROM identity.sealed_record s WHERE s.record IN (d.record_a, d.record_b))
 ORDER BY d.decided_at, d.record_a, d.record_b"""

# A record that its source has sealed, and that the next run will part from the others of its person, has none to tell.
PERSON: LiteralString = """SELECT l.person FROM identity.person_link l WHERE l.record = %(record)s AND l.superseded_at IS NULL
AND NOT (EXISTS (SELECT FROM identity.sealed_record s WHERE s.record = l.record) AND EXISTS (
 SELECT FROM identity.person_link o WHERE o.person = l.person AND o.record <> l.record AND o.superseded_at IS NULL))"""


def person_of(conn: Connection, record: UUID) -> UUID:
    """Find the person of a record; raises UsageError if it has none, or none that may be told."""
    found = conn.execute(PERSON, {"record": record}).fetchone()
    if found is None:
        raise UsageError(f"record `{record}` is linked to no person; has `wye run` read its source since?")
    return cast("UUID", found[0])


def show(conn: Connection, person: UUID) -> dict[str, Any]:
    """Tell a person's golden attributes with sources and reasons, records with why they are linked, words and events.

    Most sensitive class: identifier. Raises UsageError if there is no such person, or nothing of them that may be told.
    """
    values = {"person": person}
    attributes, records, words, events = (_dicts(conn, each, values) for each in (GOLDEN, LINKS, WORDS, EVENTS))
    if not records and not events:
        raise UsageError(f"no person `{person}`; `wye people find` finds one by a source's own key")
    return {"person": person, "attributes": attributes, "records": records, "words": words, "events": events}


def _dicts(conn: Connection, statement: LiteralString, values: dict[str, UUID]) -> list[dict[str, Any]]:
    cursor = conn.execute(statement, values)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
