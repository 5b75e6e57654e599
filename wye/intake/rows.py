"""Keep intake's SQL: every statement takes a whole batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from wye.store.database import Connection


class LandedRow(NamedTuple):
    """Hold one landed row as it rests."""

    value: UUID
    record: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class LandedBatch:
    """Hold one batch that is ours until the transaction ends."""

    agreement: str | None
    rows: Sequence[LandedRow]


class Staged(NamedTuple):
    """Hold one canonical row on its way into canonical.row."""

    record: UUID
    entity: str
    part: int
    subject: UUID
    source: str
    stream: str
    controller: str
    observed_at: datetime
    agreement: str | None
    body: str
    """JSON text."""


def content_of(conn: Connection, source: str, stream: str, records: list[UUID]) -> dict[UUID, bytes]:
    """Find the content HMAC of the records that the source is known to hold."""
    found = conn.execute(
        "SELECT record, content FROM intake.present WHERE source = %s AND stream = %s AND record = ANY(%s)",
        (source, stream, records),
    )
    return {cast("UUID", record): bytes(cast("bytes", content)) for record, content in found}


def insert_batch(
    conn: Connection,
    batch: UUID,
    source: str,
    stream: str,
    read: int,
    agreement: str | None,
    at: datetime,
    state: str | None,
) -> None:
    """Open a batch; one without changed rows is finished at once."""
    conn.execute(
        "INSERT INTO intake.batch (batch, source, stream, state, rows_read, agreement, landed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (batch, source, stream, state or "landed", read, agreement, at),
    )


def copy_landed(conn: Connection, batch: UUID, rows: Iterable[tuple[UUID, UUID, bool, datetime, bytes]]) -> None:
    """Copy landed rows in: (value, record, deleted, observed_at, sealed)."""
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY intake.landed (value, batch, record, deleted, observed_at, sealed) FROM STDIN (FORMAT binary)"
        ) as copy,
    ):
        copy.set_types(("uuid", "uuid", "uuid", "bool", "timestamptz", "bytea"))
        for value, record, deleted, observed_at, sealed in rows:
            copy.write_row((value, batch, record, deleted, observed_at, sealed))


def remember(
    conn: Connection, source: str, stream: str, present: Sequence[tuple[UUID, bytes]], gone: Sequence[UUID]
) -> None:
    """Note which rows the source now holds, and which it no longer does."""
    conn.execute(
        "INSERT INTO intake.present (source, stream, record, content)"
        " SELECT %s, %s, r, c FROM unnest(%s::uuid[], %s::bytea[]) AS new (r, c)"
        " ON CONFLICT (source, stream, record) DO UPDATE SET content = excluded.content",
        (source, stream, [record for record, _ in present], [content for _, content in present]),
    )
    conn.execute(
        "DELETE FROM intake.present WHERE source = %s AND stream = %s AND record = ANY(%s)",
        (source, stream, list(gone)),
    )


def cursor_of(conn: Connection, source: str, stream: str) -> str | None:
    """Find where reading goes on."""
    found = conn.execute(
        "SELECT cursor FROM intake.cursor WHERE source = %s AND stream = %s", (source, stream)
    ).fetchone()
    return None if found is None else cast("str", found[0])


def move_cursor(conn: Connection, source: str, stream: str, cursor: str, batch: UUID, at: datetime) -> None:
    """Move the cursor with the batch that it is right after."""
    conn.execute(
        "INSERT INTO intake.cursor (source, stream, cursor, batch, moved_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (source, stream) DO UPDATE SET cursor = excluded.cursor, batch = excluded.batch,"
        " moved_at = excluded.moved_at",
        (source, stream, cursor, batch, at),
    )


def missing_from(conn: Connection, source: str, stream: str, keys: Iterable[UUID]) -> list[UUID]:
    """Find records that we hold as present and that the source, by its own full list of keys, holds no longer."""
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE still_there (record uuid) ON COMMIT DROP")
        with cursor.copy("COPY still_there FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(("uuid",))
            for record in keys:
                copy.write_row((record,))
        cursor.execute(
            "SELECT p.record FROM intake.present p WHERE p.source = %s AND p.stream = %s"
            " AND NOT EXISTS (SELECT FROM still_there s WHERE s.record = p.record)",
            (source, stream),
        )
        return [cast("UUID", record) for (record,) in cursor]


def last_landed(conn: Connection, records: Sequence[UUID]) -> list[LandedRow]:
    """Find the newest landed version of each record."""
    found = conn.execute(
        "SELECT DISTINCT ON (record) value, record, sealed FROM intake.landed WHERE record = ANY(%s)"
        " ORDER BY record, value DESC",
        (list(records),),
    )
    return [LandedRow(cast("UUID", v), cast("UUID", r), bytes(cast("bytes", s))) for v, r, s in found]


def unmapped(conn: Connection, source: str) -> list[tuple[UUID, str, str | None]]:
    """List batches that wait to be mapped or are held, in the order in which they came: (batch, stream, agreement)."""
    found = conn.execute(
        "SELECT batch, stream, agreement FROM intake.batch WHERE source = %s AND state IN ('landed', 'held')"
        " ORDER BY batch",
        (source,),
    )
    return [(cast("UUID", batch), cast("str", stream), cast("str | None", name)) for batch, stream, name in found]


def any_held(conn: Connection, source: str, stream: str) -> bool:
    """Say whether a batch of a stream is held."""
    query = "SELECT EXISTS (SELECT FROM intake.batch WHERE source = %s AND stream = %s AND state = 'held')"
    found = conn.execute(query, (source, stream)).fetchone()
    return found is not None and bool(found[0])


def take_landed(conn: Connection, batch: UUID) -> LandedBatch | None:
    """Take a batch for mapping; none if another transaction has it or it is done."""
    found = conn.execute(
        "SELECT agreement FROM intake.batch WHERE batch = %s AND state IN ('landed', 'held') FOR UPDATE SKIP LOCKED",
        (batch,),
    ).fetchone()
    if found is None:
        return None
    rows = conn.execute(NEWEST_OF_BATCH, (batch,))
    return LandedBatch(
        cast("str | None", found[0]),
        [LandedRow(cast("UUID", v), cast("UUID", r), bytes(cast("bytes", s))) for v, r, s in rows],
    )


def hold(conn: Connection, batch: UUID, reason: str) -> None:
    """Hold a whole batch, with the reason by name of column."""
    conn.execute("UPDATE intake.batch SET state = 'held', held_reason = %s WHERE batch = %s", (reason, batch))


def finish(conn: Connection, batch: UUID, quarantined: int, at: datetime) -> None:
    """Mark a batch mapped."""
    conn.execute(
        "UPDATE intake.batch SET state = 'mapped', held_reason = NULL, rows_quarantined = %s, mapped_at = %s WHERE batch = %s",
        (quarantined, at, batch),
    )


def clear_quarantine(conn: Connection, records: Sequence[UUID], at: datetime) -> None:
    """Close what is open about records of which a newer version has come."""
    conn.execute(
        "UPDATE intake.quarantine SET cleared_at = %s, cleared_by = 'a newer version'"
        " WHERE record = ANY(%s) AND cleared_at IS NULL",
        (at, list(records)),
    )


def quarantine(
    conn: Connection,
    source: str,
    stream: str,
    failures: Sequence[tuple[UUID, UUID, UUID, str, str, str, str]],
    at: datetime,
) -> None:
    """Keep failures: (id, record, value, rule, column, dimension, owner)."""
    with conn.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO intake.quarantine (id, record, value, rule, "column", dimension, owner, source, stream, found_at)'
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [(*failure, source, stream, at) for failure in failures],
        )


# A batch that was held while newer versions came must not bring the old ones back.
NEWEST_OF_BATCH = """SELECT l.value, l.record, l.sealed FROM intake.landed l WHERE l.batch = %s
 AND NOT EXISTS (SELECT FROM intake.landed n WHERE n.record = l.record AND n.value > l.value) ORDER BY l.value"""

STAGE = """CREATE TEMP TABLE staged (record uuid, entity text, part smallint, subject uuid, source text, stream text,
 controller text, observed_at timestamptz, agreement text, body jsonb) ON COMMIT DROP"""

# A row that hangs on a record other than a person's (a payment on a package) belongs to that record's person.
RESOLVE = """UPDATE staged s SET subject = r.subject FROM canonical.row r
 WHERE s.entity <> 'person' AND r.record = s.subject AND r.entity <> 'person' AND r.superseded_at IS NULL
   AND r.record <> s.record"""

END_OLD = """WITH ended AS (
 UPDATE canonical.row o SET superseded_at = %(at)s
 WHERE o.record = ANY(%(records)s) AND o.superseded_at IS NULL
   AND NOT EXISTS (SELECT FROM staged s WHERE s.record = o.record AND s.entity = o.entity AND s.part = o.part
                   AND s.body = o.body AND s.subject = o.subject)
 RETURNING o.subject)
 INSERT INTO canonical.changed (subject, changed_at) SELECT DISTINCT subject, %(at)s::timestamptz FROM ended
 ON CONFLICT (subject) DO UPDATE SET changed_at = excluded.changed_at"""

ADD_NEW = """WITH added AS (
 INSERT INTO canonical.row (record, entity, part, recorded_at, subject, source, stream, controller, observed_at, agreement, body)
 SELECT s.record, s.entity, s.part, %(at)s, s.subject, s.source, s.stream, s.controller, s.observed_at, s.agreement, s.body
 FROM staged s
 WHERE NOT EXISTS (SELECT FROM canonical.row o WHERE o.record = s.record AND o.entity = s.entity AND o.part = s.part
                   AND o.superseded_at IS NULL)
 RETURNING subject)
 INSERT INTO canonical.changed (subject, changed_at) SELECT DISTINCT subject, %(at)s::timestamptz FROM added
 ON CONFLICT (subject) DO UPDATE SET changed_at = excluded.changed_at"""

# Rows that came before the record they hang on: now that it is here, they find their person.
ADOPT = """WITH orphan AS (
 UPDATE canonical.row o SET superseded_at = %(at)s FROM staged s
 WHERE o.subject = s.record AND s.entity <> 'person' AND o.entity <> 'person' AND o.record <> s.record
   AND o.superseded_at IS NULL AND o.recorded_at < %(at)s
 RETURNING o.record, o.entity, o.part, s.subject, o.source, o.stream, o.controller, o.observed_at, o.agreement, o.body)
 INSERT INTO canonical.row (record, entity, part, recorded_at, subject, source, stream, controller, observed_at, agreement, body)
 SELECT DISTINCT ON (record, entity, part) record, entity, part, %(at)s::timestamptz, subject, source, stream, controller,
        observed_at, agreement, body FROM orphan"""


def store(
    conn: Connection, records: Sequence[UUID], staged: Sequence[Staged], gone: Sequence[UUID], at: datetime
) -> None:
    """Make `staged` the current canonical rows of `records`, end those of `gone`, and note whose facts changed."""
    with conn.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY staged FROM STDIN") as copy:
            for row in staged:
                copy.write_row(row)
        cursor.execute("ANALYZE staged")
        cursor.execute(RESOLVE)
        cursor.execute(END_OLD, {"at": at, "records": [*records, *gone]})
        cursor.execute(ADD_NEW, {"at": at})
        cursor.execute(ADOPT, {"at": at})
        cursor.execute("DROP TABLE staged")
