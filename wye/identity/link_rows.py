"""Move links: end the one in force, append the next, and put records back to where an event took them from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection
from wye.store.ids import uuid7

END = "UPDATE identity.person_link SET superseded_at = %(at)s WHERE superseded_at IS NULL AND record = ANY(%(records)s)"

MOVE = """INSERT INTO identity.person_link (record, person, kind, reason, recorded_at)
SELECT unnest(%(records)s::uuid[]), %(person)s, 'verified', %(reason)s, %(at)s"""

# The records of an event that are still with the person it gave them to.
STILL = """SELECT now.record FROM identity.person_link now
JOIN identity.person_link put ON put.record = now.record AND put.recorded_at = %(event_at)s AND put.person = now.person
JOIN identity.person_link was ON was.record = now.record AND was.superseded_at = %(event_at)s
WHERE now.superseded_at IS NULL AND now.record = ANY(%(records)s) ORDER BY now.record"""

BACK = """INSERT INTO identity.person_link (record, person, kind, reason, recorded_at)
SELECT record, person, kind, reason, %(at)s FROM identity.person_link
WHERE record = ANY(%(records)s) AND superseded_at = %(event_at)s"""

EVENT = """INSERT INTO identity.event (id, kind, kept, other, records, reason, actor, at, undoes)
VALUES (%(id)s, %(kind)s, %(kept)s, %(other)s, %(records)s, %(reason)s, %(actor)s, %(at)s, %(undoes)s)"""

READ_EVENT = """SELECT id, kind, kept, other, records, reason, actor, at, undoes,
 EXISTS (SELECT FROM identity.event u WHERE u.undoes = e.id) FROM identity.event e WHERE id = %s
 AND NOT EXISTS (SELECT FROM identity.sealed_record s WHERE s.record = ANY(e.records))
 AND NOT EXISTS (SELECT FROM identity.sealed_record s JOIN identity.word w ON s.record IN (w.record_a, w.record_b)
  WHERE w.event = e.id)"""


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """Hold one event as it is kept. After a merge `kept` has the records; after a parting `other` has them."""

    id: UUID
    kind: str
    kept: UUID
    other: UUID
    records: tuple[UUID, ...]
    reason: str
    actor: str
    at: datetime
    undoes: UUID | None
    undone: bool


def records_of(conn: Connection, person: UUID) -> Sequence[UUID]:
    """Read the records linked to a person now, in order."""
    found = conn.execute(
        "SELECT record FROM identity.person_link WHERE person = %s AND superseded_at IS NULL ORDER BY record", (person,)
    ).fetchall()
    return [record for (record,) in cast("list[tuple[UUID]]", found)]


def persons_of_records(conn: Connection, records: Iterable[UUID]) -> dict[UUID, UUID]:
    """Read the person of each record that is linked."""
    found = conn.execute(
        "SELECT record, person FROM identity.person_link WHERE superseded_at IS NULL AND record = ANY(%s)",
        (list(records),),
    ).fetchall()
    return dict(cast("list[tuple[UUID, UUID]]", found))


def instant(conn: Connection, records: Sequence[UUID], at: datetime) -> datetime:
    """Give the instant of a change of these records' links: `at`, or just after their latest, so that history has order."""
    found = conn.execute(
        "SELECT greatest(%s::timestamptz, max(recorded_at) + interval '1 microsecond') FROM identity.person_link"
        " WHERE record = ANY(%s)",
        (at, list(records)),
    ).fetchone()
    return cast("datetime", found[0] if found else at)


def older(conn: Connection, one: UUID, two: UUID) -> UUID:
    """Tell which of two persons has been known longer."""
    found = conn.execute(
        "SELECT person FROM identity.person WHERE person = ANY(%s) ORDER BY created_at, person LIMIT 1", ([one, two],)
    ).fetchone()
    return cast("UUID", found[0] if found else one)


def new_person(conn: Connection, at: datetime) -> UUID:
    """Add a person without records."""
    person = uuid7()
    conn.execute("INSERT INTO identity.person VALUES (%s, %s)", (person, at))
    return person


def move(conn: Connection, records: Sequence[UUID], person: UUID, reason: str, at: datetime) -> None:
    """Give records to a person by a human's word."""
    values = {"records": list(records), "person": person, "reason": reason, "at": at}
    conn.execute(END, values)
    conn.execute(MOVE, values)


def still_there(conn: Connection, event: KeptEvent) -> list[UUID]:
    """List the records of an event that are still where it put them."""
    found = conn.execute(STILL, {"records": list(event.records), "event_at": event.at}).fetchall()
    return [record for (record,) in cast("list[tuple[UUID]]", found)]


def put_back(conn: Connection, event: KeptEvent, records: Sequence[UUID], at: datetime) -> None:
    """Give records the links again that the event ended."""
    values = {"records": list(records), "event_at": event.at, "at": at}
    conn.execute(END, values)
    conn.execute(BACK, values)


def keep_event(
    conn: Connection,
    kind: str,
    persons: tuple[UUID, UUID],
    records: Sequence[UUID],
    reason: str,
    actor: str,
    at: datetime,
    undoes: UUID | None = None,
) -> UUID:
    """Keep an event; gives its id."""
    event = uuid7()
    conn.execute(
        EVENT,
        {
            "id": event,
            "kind": kind,
            "kept": persons[0],
            "other": persons[1],
            "records": list(records),
            "reason": reason,
            "actor": actor,
            "at": at,
            "undoes": undoes,
        },
    )
    return event


def read_event(conn: Connection, event: UUID) -> KeptEvent | None:
    """Read an event; none if there is none, or if it is about a record that is sealed since."""
    found = conn.execute(READ_EVENT, (event,)).fetchone()
    if found is None:
        return None
    id_, kind, kept, other, records, *rest = cast(
        "tuple[UUID, str, UUID, UUID, list[UUID], str, str, datetime, UUID, bool]", found
    )
    return KeptEvent(id_, kind, kept, other, tuple(records), *rest)  # type: ignore[arg-type]  # in the order of columns
