"""Keep the SQL of table checks: numbers, and names of rules and columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from wye.quality.tables.check import Result, in_words
from wye.store.database import Connection

MOST_HISTORY = 500
"""Accepted looks that rules are shown: three weeks of hourly ones."""


class Read(NamedTuple):
    """Hold what can be told of a stream only while it is read."""

    read_at: datetime
    repeated: int


class Latest(NamedTuple):
    """Hold what the latest look at one stream found about one rule."""

    source: str
    stream: str
    rule: str
    dimension: str
    severity: str
    outcome: str
    observed: float | None
    low: float | None
    high: float | None
    said: str
    released: bool
    checked_at: datetime

    def words(self) -> str:
        """Say it in one line."""
        return in_words(self.rule, self.outcome, self.said, self.observed, self.low, self.high)


class LastLook(NamedTuple):
    """Hold when a stream was last looked at, and the figures then."""

    id: UUID
    checked_at: datetime
    figures: Mapping[str, float]


def note_read(conn: Connection, read: UUID, source: str, stream: str, rows: int, repeated: int, at: datetime) -> None:
    """Note a read that came to its end."""
    conn.execute(
        "INSERT INTO quality.read (read, source, stream, rows, repeated, read_at) VALUES (%s, %s, %s, %s, %s, %s)",
        (read, source, stream, rows, repeated, at),
    )


def last_read(conn: Connection, source: str, stream: str, since: datetime | None) -> Read | None:
    """Find when a stream was last read to its end, and the most repeated keys of that read and of any since a time."""
    found = conn.execute(
        "SELECT max(read_at), max(repeated) FILTER (WHERE read_at >= coalesce(%(since)s::timestamptz, '-infinity') OR newest = 1)"
        " FROM (SELECT read_at, repeated, row_number() OVER (ORDER BY read_at DESC, read DESC) AS newest"
        "       FROM quality.read WHERE source = %(source)s AND stream = %(stream)s) r",
        {"source": source, "stream": stream, "since": since},
    ).fetchone()
    return None if found is None or found[0] is None else Read._make(cast("tuple[datetime, int]", found))


def last_look(conn: Connection, source: str, stream: str) -> LastLook | None:
    """Find the last look at a stream."""
    found = conn.execute(
        "SELECT id, checked_at, figures FROM quality.table_check WHERE source = %s AND stream = %s"
        " ORDER BY id DESC LIMIT 1",
        (source, stream),
    ).fetchone()
    return None if found is None else LastLook._make(cast("tuple[UUID, datetime, dict[str, float]]", found))


def history(conn: Connection, source: str, stream: str) -> list[Mapping[str, float]]:
    """List the figures of accepted looks, newest first, back to the one that a person last released as a whole."""
    found = conn.execute(
        "SELECT figures FROM quality.table_check WHERE source = %(source)s AND stream = %(stream)s AND accepted"
        " AND id >= coalesce((SELECT table_check FROM quality.release WHERE source = %(source)s AND stream = %(stream)s"
        " AND whole ORDER BY table_check DESC LIMIT 1), '00000000-0000-0000-0000-000000000000'::uuid)"
        " ORDER BY id DESC LIMIT %(most)s",
        {"source": source, "stream": stream, "most": MOST_HISTORY},
    )
    return [cast("dict[str, float]", figures) for (figures,) in found]


def insert_look(
    conn: Connection,
    look: UUID,
    source: str,
    stream: str,
    outcome: str,
    figures: Mapping[str, float],
    results: Sequence[Result],
    at: datetime,
    *,
    accepted: bool,
) -> None:
    """Keep one look with the result of each rule."""
    conn.execute(
        "INSERT INTO quality.table_check (id, source, stream, outcome, figures, accepted, checked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (look, source, stream, outcome, Jsonb(dict(figures), dumps=_dumps), accepted, at),
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO quality.check_result"
            " (table_check, rule, dimension, severity, outcome, observed, low, high, said)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (look, each.rule.name, each.rule.dimension, each.rule.severity, each.outcome,
                 each.observed, each.low, each.high, each.said)
                for each in results
            ],
        )  # fmt: skip


def released(conn: Connection, batches: Sequence[UUID]) -> set[UUID]:
    """Find those batches that a person has released."""
    found = conn.execute(
        "SELECT batch FROM quality.hold WHERE batch = ANY(%s) AND release IS NOT NULL", (list(batches),)
    )
    return {cast("UUID", batch) for (batch,) in found}


def note_holds(conn: Connection, look: UUID, batches: Sequence[UUID]) -> None:
    """Note which look holds some batches now; a release that came meanwhile stands."""
    conn.execute(
        "INSERT INTO quality.hold (batch, table_check) SELECT b, %s FROM unnest(%s::uuid[]) b"
        " ON CONFLICT (batch) DO UPDATE SET table_check = excluded.table_check WHERE hold.release IS NULL",
        (look, list(batches)),
    )


def unreleased(conn: Connection, look: UUID) -> list[UUID]:
    """List the batches that a look holds and nobody has released."""
    found = conn.execute(
        "SELECT batch FROM quality.hold WHERE table_check = %s AND release IS NULL ORDER BY batch FOR UPDATE", (look,)
    )
    return [cast("UUID", batch) for (batch,) in found]


def insert_release(
    conn: Connection,
    release: UUID,
    source: str,
    stream: str,
    look: UUID,
    batches: Sequence[UUID],
    reason: str,
    actor: str,
    at: datetime,
    *,
    whole: bool,
) -> None:
    """Keep a person's word about batches of one look; about all of them, the look is accepted into the history."""
    conn.execute(
        "INSERT INTO quality.release (release, source, stream, table_check, whole, reason, actor, released_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (release, source, stream, look, whole, reason, actor, at),
    )
    conn.execute("UPDATE quality.hold SET release = %s WHERE batch = ANY(%s)", (release, list(batches)))
    if whole:
        conn.execute("UPDATE quality.table_check SET accepted = true WHERE id = %s", (look,))


def stream_of(conn: Connection, batch: UUID) -> tuple[str, str] | None:
    """Find the source and the stream of a batch that a look holds."""
    found = conn.execute(
        "SELECT c.source, c.stream FROM quality.hold h JOIN quality.table_check c ON c.id = h.table_check WHERE h.batch = %s",
        (batch,),
    ).fetchone()
    return None if found is None else cast("tuple[str, str]", found)


def latest(conn: Connection, source: str | None = None) -> list[Latest]:
    """List every rule's result in the latest look at each stream, of one source or of all."""
    found = conn.execute(
        "SELECT c.source, c.stream, r.rule, r.dimension, r.severity, r.outcome, r.observed, r.low, r.high, r.said,"
        " c.accepted AND c.outcome IN ('hold', 'broken'), c.checked_at"
        " FROM (SELECT DISTINCT ON (source, stream) * FROM quality.table_check"
        "       WHERE source = coalesce(%s::text, source) ORDER BY source, stream, id DESC) c"
        " JOIN quality.check_result r ON r.table_check = c.id ORDER BY c.source, c.stream, r.rule",
        (source,),
    )
    return [
        Latest._make(
            cast(
                "tuple[str, str, str, str, str, str, float | None, float | None, float | None, str, bool, datetime]",
                row,
            )
        )
        for row in found
    ]


def _dumps(figures: object) -> bytes:
    return orjson.dumps(figures, option=orjson.OPT_SORT_KEYS)
