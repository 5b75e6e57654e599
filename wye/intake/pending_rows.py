"""Keep the SQL of what waiting versions may say of protections: every statement takes a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple, cast
from uuid import UUID

import orjson

from wye.intake.rows import NEWEST_OF_BATCH, LandedRow
from wye.store.database import Connection
from wye.store.pending import PendingProtection


class Noted(NamedTuple):
    """Hold one line of canonical.pending_protection, but for what a whole batch shares."""

    value: UUID
    subject: UUID
    record: UUID
    own: bool
    unread: bool
    stated: str
    """JSON text."""


class InForce(NamedTuple):
    """Hold one canonical row of a record: of whom it is, and what it says."""

    record: UUID
    subject: UUID
    entity: str
    body: Mapping[str, object]


def noted(conn: Connection, values: Sequence[UUID]) -> set[UUID]:
    """Find which of these versions are noted already and not cleared."""
    found = conn.execute(
        "SELECT DISTINCT value FROM canonical.pending_protection WHERE value = ANY(%s) AND cleared_at IS NULL",
        (list(values),),
    )
    return {cast("UUID", value) for (value,) in found}


def newest_of(conn: Connection, batch: UUID) -> list[LandedRow]:
    """Read the rows of a batch that no newer version has followed."""
    return [
        LandedRow(*cast("tuple[UUID, UUID, bytes]", row)) for row in conn.execute(NEWEST_OF_BATCH, (batch,)).fetchall()
    ]


def in_force(conn: Connection, records: Sequence[UUID]) -> list[InForce]:
    """Read the canonical rows of records, the last ones there were where none is in force."""
    found = conn.execute(
        "SELECT DISTINCT record, subject, entity, body FROM canonical.row r WHERE record = ANY(%s) AND (superseded_at IS NULL"
        " OR NOT EXISTS (SELECT FROM canonical.row c WHERE c.record = r.record AND c.superseded_at IS NULL))",
        (list(records),),
    )
    return [InForce(*cast("tuple[UUID, UUID, str, Mapping[str, object]]", row)) for row in found]


def bears_persons(conn: Connection, source: str, stream: str) -> bool:
    """Say whether the records of a stream are people: by a look at some that it holds."""
    found = conn.execute(
        "SELECT EXISTS (SELECT FROM (SELECT record FROM intake.present WHERE source = %s AND stream = %s LIMIT 200) p"
        " JOIN canonical.row r ON r.record = p.record AND r.entity = 'person')",
        (source, stream),
    ).fetchone()
    return found is not None and bool(found[0])


# Whoever is noted, or cleared, is looked at again: identify marks them due.
NOTE = """WITH note AS (
 INSERT INTO canonical.pending_protection (value, subject, record, source, stream, cause, own, unread, stated, since)
 SELECT v, s, r, %(source)s, %(stream)s, %(cause)s, o, u, t::jsonb, %(at)s
 FROM unnest(%(values)s::uuid[], %(subjects)s::uuid[], %(records)s::uuid[], %(own)s::bool[], %(unread)s::bool[],
             %(stated)s::text[]) AS n (v, s, r, o, u, t)
 ON CONFLICT (value, subject) DO UPDATE SET cause = excluded.cause, own = excluded.own, unread = excluded.unread,
  stated = excluded.stated, cleared_at = NULL, placed = false, noted_at = excluded.since
 RETURNING subject)
 INSERT INTO canonical.changed (subject, changed_at) SELECT DISTINCT subject, %(at)s::timestamptz FROM note ORDER BY 1
 ON CONFLICT (subject) DO UPDATE SET changed_at = excluded.changed_at"""

# A version is placed if anybody is known whom it is about: its row is a person's own, or a subject of it has a person.
PLACE: LiteralString = """UPDATE canonical.pending_protection p SET placed = true
WHERE p.cleared_at IS NULL AND NOT p.placed AND EXISTS (
 SELECT FROM canonical.pending_protection q WHERE q.value = p.value AND q.cleared_at IS NULL AND (q.own OR EXISTS (
  SELECT FROM identity.person_link l WHERE l.record = q.subject AND l.superseded_at IS NULL)))"""

PLACE_THESE: LiteralString = f"{PLACE} AND p.value = ANY(%(values)s)"

CLEAR = """WITH cleared AS (
 UPDATE canonical.pending_protection SET cleared_at = %(at)s WHERE record = ANY(%(records)s) AND cleared_at IS NULL
 RETURNING subject)
 INSERT INTO canonical.changed (subject, changed_at) SELECT DISTINCT subject, %(at)s::timestamptz FROM cleared ORDER BY 1
 ON CONFLICT (subject) DO UPDATE SET changed_at = excluded.changed_at"""


def insert(conn: Connection, source: str, stream: str, cause: str, notes: Sequence[Noted], at: datetime) -> None:
    """Note versions, and whom they are about as changed."""
    if not notes:
        return
    values, subjects, records, own, unread, stated = (list(each) for each in zip(*notes, strict=True))
    conn.execute(
        NOTE,
        {
            "source": source,
            "stream": stream,
            "cause": cause,
            "at": at,
            "values": values,
            "subjects": subjects,
            "records": records,
            "own": own,
            "unread": unread,
            "stated": stated,
        },
    )
    conn.execute(PLACE_THESE, {"values": values})


def place(conn: Connection) -> None:
    """Note of which waiting versions somebody is known by now: to be called when records were linked."""
    conn.execute(PLACE)


def clear(conn: Connection, records: Sequence[UUID], at: datetime) -> None:
    """Clear what waits of records, and note whom it was about as changed."""
    conn.execute(CLEAR, {"records": list(records), "at": at})


def of_persons(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, tuple[PendingProtection, ...]]:
    """Give each person's waiting versions, oldest first, through the links in force; a person without any has none."""
    if not _anything(conn):  # most of the time: then no list of people is sent to the database
        return dict.fromkeys(persons, ())
    found: dict[UUID, list[PendingProtection]] = {person: [] for person in persons}
    for person, record, source, stream, since, cause, unread, stated in cast(
        "list[Any]",
        conn.execute(
            "SELECT l.person, p.record, p.source, p.stream, p.since, p.cause, p.unread, p.stated"
            " FROM canonical.pending_protection p"
            " JOIN identity.person_link l ON l.record = p.subject AND l.superseded_at IS NULL"
            " WHERE p.cleared_at IS NULL AND l.person = ANY(%s) ORDER BY p.since, p.value, p.subject",
            (list(persons),),
        ).fetchall(),
    ):
        said = tuple((str(one["entity"]), one["values"]) for one in stated)
        found[person].append(PendingProtection(record, source, stream, since, cause, unread, said))
    return {person: tuple(waiting) for person, waiting in found.items()}


def _anything(conn: Connection) -> bool:
    found = conn.execute("SELECT EXISTS (SELECT FROM canonical.pending_protection WHERE cleared_at IS NULL)").fetchone()
    return found is None or bool(found[0])


# Nobody is known whom the row is about: no subject is linked to a person, and the row is no person's own record. What is
# placed is passed over by its index; what is not is looked at itself, for it may have been linked a moment ago.
UNPLACED = """SELECT p.value, p.record, p.source, p.stream, p.cause, min(p.since) FROM canonical.pending_protection p
WHERE p.cleared_at IS NULL AND NOT p.placed
GROUP BY p.value, p.record, p.source, p.stream, p.cause
HAVING NOT bool_or(p.own OR EXISTS (
 SELECT FROM identity.person_link l WHERE l.record = p.subject AND l.superseded_at IS NULL))
ORDER BY min(p.since), p.value"""


class Unplaced(NamedTuple):
    """Hold a waiting version that may carry a protection for someone whom nobody can tell."""

    value: UUID
    record: UUID
    source: str
    stream: str
    cause: str
    since: datetime


def unplaced(conn: Connection) -> list[Unplaced]:
    """List the waiting versions of which nobody can tell whom they are about."""
    return [Unplaced(*cast("tuple[UUID, UUID, str, str, str, datetime]", row)) for row in conn.execute(UNPLACED)]


def as_text(stated: Sequence[tuple[str, Mapping[str, object]]]) -> str:
    """Write stated protections as JSON text."""
    return orjson.dumps([{"entity": entity, "values": values} for entity, values in stated]).decode()
