"""Keep the SQL of quarantine that people work off: what is open, one version of a record, and what was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from wye.intake.rows import Staged
from wye.store.database import Connection


class Group(NamedTuple):
    """Count what is open of one rule at one owner."""

    rule: str
    dimension: str
    owner: str
    rows: int
    oldest: datetime


class Open(NamedTuple):
    """Hold one failure that is open. Holds no value."""

    id: UUID
    record: UUID
    source: str
    stream: str
    rule: str
    column: str
    dimension: str
    owner: str
    since: datetime
    earlier_in_use: bool
    """An earlier good version of the record is in use."""
    protection: str | None
    """unread, or stated: what the version says of protections while it waits."""
    asked_at: datetime | None
    """When its owner was last asked."""


class Failed(NamedTuple):
    """Hold one failure of a version, open or closed."""

    id: UUID
    rule: str
    column: str
    dimension: str
    since: datetime
    cleared_at: datetime | None
    cleared_by: str | None


class Version(NamedTuple):
    """Hold one version of a record as it rests, with the agreement under which a partner sent it."""

    value: UUID
    record: UUID
    source: str
    stream: str
    agreement: str | None
    deleted: bool
    sealed: bytes
    newest: bool
    """No newer version of the record has landed."""


class Decided(NamedTuple):
    """Hold one decision."""

    id: UUID
    decision: str
    at: datetime


class Held(NamedTuple):
    """Hold one batch that is held."""

    batch: UUID
    source: str
    stream: str
    reason: str | None
    rows: int
    since: datetime


WANTED = """q.cleared_at IS NULL AND (%(source)s::text IS NULL OR q.source = %(source)s)
 AND (%(owner)s::text IS NULL OR q.owner = %(owner)s) AND (%(rule)s::text IS NULL OR q.rule = %(rule)s)"""

GROUPS = f"""SELECT q.rule, q.dimension, q.owner, count(*), min(q.found_at) FROM intake.quarantine q WHERE {WANTED}
GROUP BY q.rule, q.dimension, q.owner ORDER BY min(q.found_at), q.rule, q.owner"""  # noqa: S608  ours

ROWS = f"""SELECT q.id, q.record, q.source, q.stream, q.rule, q."column", q.dimension, q.owner, q.found_at,
 EXISTS (SELECT FROM canonical.row r WHERE r.record = q.record AND r.superseded_at IS NULL),
 (SELECT CASE WHEN bool_or(p.unread) THEN 'unread' WHEN count(*) > 0 THEN 'stated' END
   FROM canonical.pending_protection p WHERE p.value = q.value AND p.cleared_at IS NULL),
 (SELECT max(d.at) FROM intake.quarantine_decision d WHERE d.value = q.value AND d.decision = 'ask')
FROM intake.quarantine q WHERE {WANTED}
 AND (%(after)s::uuid IS NULL OR (q.rule, q.owner, q.id) > (SELECT rule, owner, id FROM intake.quarantine WHERE id = %(after)s))
ORDER BY q.rule, q.owner, q.id LIMIT %(limit)s"""  # noqa: S608  ours


def groups(conn: Connection, source: str | None, owner: str | None, rule: str | None) -> list[Group]:
    """Count what is open by rule and owner, the oldest first."""
    found = conn.execute(GROUPS, {"source": source, "owner": owner, "rule": rule})
    return [Group._make(row) for row in found]


def open_rows(
    conn: Connection, source: str | None, owner: str | None, rule: str | None, after: UUID | None, limit: int
) -> list[Open]:
    """List what is open, in the order of rule, owner and id, behind one of it."""
    words = {"source": source, "owner": owner, "rule": rule, "after": after, "limit": limit}
    return [Open._make(row) for row in conn.execute(ROWS, words)]


def held(conn: Connection, source: str | None) -> list[Held]:
    """List the batches that are held whole."""
    found = conn.execute(
        "SELECT batch, source, stream, held_reason, rows_read, landed_at FROM intake.batch WHERE state = 'held'"
        " AND (%(source)s::text IS NULL OR source = %(source)s) ORDER BY batch",
        {"source": source},
    )
    return [Held._make(cast("tuple[UUID, str, str, str | None, int, datetime]", row)) for row in found]


def version_of(conn: Connection, entry: UUID) -> Version | None:
    """Find the version that one failure is about, and lock it: whoever decides about it at once waits for us."""
    found = conn.execute(
        "SELECT l.value, l.record, q.source, q.stream, b.agreement, l.deleted, l.sealed,"
        " NOT EXISTS (SELECT FROM intake.landed n WHERE n.record = l.record AND n.value > l.value)"
        " FROM intake.quarantine q JOIN intake.landed l ON l.value = q.value JOIN intake.batch b ON b.batch = l.batch"
        " WHERE q.id = %s FOR UPDATE OF l",
        (entry,),
    ).fetchone()
    return (
        None
        if found is None
        else Version._make(cast("tuple[UUID, UUID, str, str, str | None, bool, bytes, bool]", found))
    )


def failures_of(conn: Connection, value: UUID) -> list[Failed]:
    """List every failure of a version, open or closed, and lock them."""
    found = conn.execute(
        'SELECT id, rule, "column", dimension, found_at, cleared_at, cleared_by FROM intake.quarantine WHERE value = %s'
        " ORDER BY id FOR UPDATE",
        (value,),
    )
    return [
        Failed._make(cast("tuple[UUID, str, str, str, datetime, datetime | None, str | None]", row)) for row in found
    ]


def keep_decision(
    conn: Connection,
    number: UUID,
    version: Version,
    decision: str,
    rules: Sequence[str],
    *,
    ended: bool,
    reason: str,
    actor: str,
    at: datetime,
) -> None:
    """Keep what was decided about a version."""
    conn.execute(
        "INSERT INTO intake.quarantine_decision (id, record, value, decision, rules, ended, reason, actor, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (number, version.record, version.value, decision, list(rules), ended, reason, actor, at),
    )


def close(conn: Connection, value: UUID, decision: UUID, by: str, at: datetime) -> None:
    """Close every open failure of a version by a decision."""
    conn.execute(
        "UPDATE intake.quarantine SET cleared_at = %s, cleared_by = %s, decision = %s"
        " WHERE value = %s AND cleared_at IS NULL",
        (at, by, decision, value),
    )


def standing(conn: Connection, value: UUID) -> Decided | None:
    """Find the decision that closed a version and stands."""
    found = conn.execute(
        "SELECT id, decision, at FROM intake.quarantine_decision WHERE value = %s AND decision <> 'ask'"
        " AND undone_at IS NULL ORDER BY id DESC LIMIT 1",
        (value,),
    ).fetchone()
    return None if found is None else Decided._make(cast("tuple[UUID, str, datetime]", found))


def reopen(conn: Connection, decision: UUID, at: datetime) -> None:
    """Undo a decision: open again what it closed."""
    conn.execute("UPDATE intake.quarantine_decision SET undone_at = %s WHERE id = %s", (at, decision))
    conn.execute(
        "UPDATE intake.quarantine SET cleared_at = NULL, cleared_by = NULL, decision = NULL WHERE decision = %s",
        (decision,),
    )


def before(conn: Connection, record: UUID, at: datetime) -> list[Staged]:
    """Read the canonical rows of a record as they stood just before an instant."""
    found = conn.execute(
        "SELECT record, entity, part, subject, source, stream, controller, observed_at, agreement, body::text"
        " FROM canonical.row WHERE record = %s AND recorded_at < %s AND (superseded_at IS NULL OR superseded_at >= %s)",
        (record, at, at),
    )
    return [Staged._make(row) for row in found]


def persons_about(conn: Connection, record: UUID, subjects: Sequence[UUID]) -> list[UUID]:
    """Find the persons of whom a record's versions are, and of whom `subjects` are the records."""
    found = conn.execute(
        "SELECT DISTINCT person FROM identity.person_link WHERE superseded_at IS NULL AND record IN ("
        " SELECT unnest(%(subjects)s::uuid[]) UNION SELECT %(record)s::uuid"
        " UNION SELECT subject FROM canonical.row WHERE record = %(record)s AND superseded_at IS NULL"
        " UNION SELECT subject FROM canonical.pending_protection WHERE record = %(record)s AND cleared_at IS NULL)"
        " ORDER BY person",
        {"record": record, "subjects": list(subjects)},
    )
    return [cast("UUID", person) for (person,) in found]
