"""Keep the SQL of proposals: what corrections would have each system of the council's change, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import NAMESPACE_OID, UUID, uuid5

from wye.identity.accepted import SAYS
from wye.store.database import Connection

STATES = ("withheld", "sent", "accepted", "refused", "withdrawn")

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('wye.proposals'))"

# A record of one system that says otherwise than a correction that counts; what was sent once is not sent again.
# Corrections are few and read first: the planner may believe what it likes of a table that is mostly empty.
WANTED: LiteralString = f"""WITH open AS MATERIALIZED (SELECT * FROM identity.correction WHERE ended_at IS NULL)
SELECT o.id, l.person, r.source, r.record, o.attribute, o.value, r.body ->> 'case_number', p.why
FROM open o
JOIN identity.person_link l ON l.record = o.record AND l.superseded_at IS NULL
JOIN identity.person_row r ON r.person = l.person AND r.entity = 'person' AND r.agreement IS NULL
 AND coalesce(r.body ->> o.attribute, '') <> '' AND NOT {SAYS}
LEFT JOIN exchange.proposal p ON p.correction = o.id AND p.system = r.source AND p.record = r.record
WHERE (p.id IS NULL OR p.state = 'withheld') AND (%(system)s::text IS NULL OR r.source = %(system)s)
 AND (%(correction)s::uuid IS NULL OR o.id = %(correction)s)
ORDER BY o.accepted_at, o.id, r.record"""  # noqa: S608  ours

PUT = """INSERT INTO exchange.proposal (id, correction, system, record, person, attribute, agreement, version, recipient,
 state, why, decided_at, sent_at) VALUES (%(id)s, %(correction)s, %(system)s, %(record)s, %(person)s, %(attribute)s,
 %(agreement)s, %(version)s, %(recipient)s, %(state)s, %(why)s, %(at)s, %(sent_at)s)
ON CONFLICT (correction, system, record) DO UPDATE SET person = excluded.person, agreement = excluded.agreement,
 version = excluded.version, recipient = excluded.recipient, state = excluded.state, why = excluded.why,
 decided_at = excluded.decided_at, sent_at = excluded.sent_at WHERE proposal.state = 'withheld'"""

# What the system says now: the accepted value, nothing any more, or still another.
CLOSE_TAKEN: LiteralString = f"""UPDATE exchange.proposal p SET state = 'accepted', closed_at = %(at)s,
 why = 'the system says the accepted value now'
FROM identity.correction o, canonical.row r
WHERE p.state = 'sent' AND o.id = p.correction AND r.record = p.record AND r.entity = 'person'
 AND r.superseded_at IS NULL AND {SAYS} AND (%(system)s::text IS NULL OR p.system = %(system)s)
RETURNING p.id, p.person, p.system, p.recipient, p.agreement, p.version, p.state, false"""  # noqa: S608  ours

CLOSE_ENDED: LiteralString = """UPDATE exchange.proposal p SET state = 'withdrawn', closed_at = %(at)s,
 why = CASE WHEN c.ending = 'agreed' THEN 'every source says the accepted value now'
  WHEN c.ending = 'withdrawn' THEN 'the correction was withdrawn' ELSE 'the record left its system' END
FROM identity.correction c
WHERE c.id = p.correction AND p.state IN ('withheld', 'sent') AND (%(system)s::text IS NULL OR p.system = %(system)s)
 AND (c.ended_at IS NOT NULL OR NOT EXISTS (SELECT FROM canonical.row r WHERE r.record = p.record
  AND r.entity = 'person' AND r.superseded_at IS NULL))
RETURNING p.id, p.person, p.system, p.recipient, p.agreement, p.version, p.state,
 p.sent_at IS NOT NULL AND coalesce(c.ending = 'withdrawn', false)"""

CLOSE_REFUSED: LiteralString = """UPDATE exchange.proposal SET state = 'refused', closed_at = %(at)s, why = %(why)s
WHERE id = ANY(%(ids)s) AND state = 'sent'
RETURNING id, person, system, recipient, agreement, version, state, false"""

LISTED: LiteralString = """SELECT p.id, p.correction, p.system, p.record, p.person, p.attribute, p.agreement, p.state,
 p.why, p.decided_at, p.sent_at, p.closed_at, h.written_at
FROM exchange.proposal p LEFT JOIN exchange.handed_on h ON h.system = p.system AND h.item = p.id
WHERE (%(state)s::text IS NULL OR p.state = %(state)s) AND (%(system)s::text IS NULL OR p.system = %(system)s)
 AND (%(id)s::uuid IS NULL OR p.id = %(id)s)
ORDER BY p.decided_at DESC, p.id LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold what a correction would have one record changed to. Most sensitive class: identifier."""

    correction: UUID
    person: UUID
    system: str
    record: UUID
    attribute: str
    value: object
    key: str | None
    """The system's own number of the person."""
    why: str | None
    """Why it was withheld before, if it was."""

    @property
    def id(self) -> UUID:
        """Name the proposal for ever."""
        return uuid5(NAMESPACE_OID, f"wye:proposal:{self.correction}:{self.system}:{self.record}")


@dataclass(frozen=True, slots=True)
class Closed:
    """Hold a proposal that has come to its end."""

    id: UUID
    person: UUID
    system: str
    recipient: str | None
    agreement: str | None
    version: str | None
    state: str
    retract: bool
    """The system holds it, and the correction behind it was taken back: its staff are to be told."""


def wanted(conn: Connection, system: str | None, correction: UUID | None = None) -> list[Wanted]:
    """List what is not yet sent: of one system or all, of one correction or all."""
    found = conn.execute(WANTED, {"system": system, "correction": correction}).fetchall()
    return [Wanted(*row) for row in cast("list[Any]", found)]


def put(conn: Connection, proposals: Sequence[Mapping[str, object]]) -> None:
    """Keep proposals; one that was withheld is decided anew, any other stays as it is."""
    if proposals:
        with conn.cursor() as cursor:
            cursor.executemany(PUT, proposals)


def close_done(conn: Connection, system: str | None, at: datetime) -> list[Closed]:
    """Close what the system has taken over, and what there is no cause for any more."""
    values = {"system": system, "at": at}
    taken = conn.execute(CLOSE_TAKEN, values).fetchall()
    ended = conn.execute(CLOSE_ENDED, values).fetchall()
    return [Closed(*cast("Any", row)) for row in (*taken, *ended)]


def close_refused(conn: Connection, ids: Sequence[UUID], why: str, at: datetime) -> list[Closed]:
    """Close what was refused; tells which of them were open."""
    found = conn.execute(CLOSE_REFUSED, {"ids": list(ids), "why": why, "at": at}).fetchall()
    return [Closed(*row) for row in cast("list[Any]", found)]


def outstanding(conn: Connection, system: str) -> list[UUID]:
    """List what the system holds and has not answered."""
    found = conn.execute("SELECT id FROM exchange.proposal WHERE system = %s AND state = 'sent' ORDER BY id", (system,))
    return [cast("UUID", row[0]) for row in found]


def listed(
    conn: Connection, *, state: str | None = None, system: str | None = None, limit: int = 100, one: UUID | None = None
) -> list[dict[str, Any]]:
    """List proposals, the newest first: ids, names and states, never a value."""
    cursor = conn.execute(LISTED, {"state": state, "system": system, "limit": limit, "id": one})
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def reserved(conn: Connection, stream: str) -> list[str]:
    """Name the systems for which something of a stream is reserved and not known to be written."""
    found = conn.execute(
        "SELECT DISTINCT system FROM exchange.handed_on WHERE stream = %s AND written_at IS NULL ORDER BY system",
        (stream,),
    )
    return [str(row[0]) for row in found]
