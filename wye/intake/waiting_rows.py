"""Keep the SQL of what waits to be mapped, seen as a whole stream rather than batch by batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from wye.intake.rows import NEWEST_OF_BATCH, LandedRow
from wye.store.database import Connection


class Waiting(NamedTuple):
    """Name one batch that waits, and when it came."""

    batch: UUID
    landed_at: datetime


def waiting(conn: Connection, source: str, stream: str) -> list[Waiting]:
    """List what waits of a stream of one of our own systems, landed or held, in the order in which it came."""
    found = conn.execute(
        "SELECT batch, landed_at FROM intake.batch WHERE source = %s AND stream = %s AND agreement IS NULL"
        " AND state IN ('landed', 'held') ORDER BY batch",
        (source, stream),
    )
    return [Waiting._make(cast("tuple[UUID, datetime]", row)) for row in found]


def newest_of(conn: Connection, batch: UUID) -> list[LandedRow]:
    """Find the rows of a batch of which no newer version has come."""
    found = conn.execute(NEWEST_OF_BATCH, (batch,))
    return [LandedRow(cast("UUID", v), cast("UUID", r), bytes(cast("bytes", s))) for v, r, s in found]


def present(conn: Connection, source: str, stream: str) -> int:
    """Count the rows that the source holds, by all that was read of it."""
    found = conn.execute(
        "SELECT count(*) FROM intake.present WHERE source = %s AND stream = %s", (source, stream)
    ).fetchone()
    return int(cast("int", found[0])) if found is not None else 0


def absent(conn: Connection, source: str, stream: str, records: Sequence[UUID]) -> set[UUID]:
    """Find those of some records that the source does not hold."""
    found = conn.execute(
        "SELECT r FROM unnest(%s::uuid[]) r WHERE NOT EXISTS (SELECT FROM intake.present p"
        " WHERE p.source = %s AND p.stream = %s AND p.record = r)",
        (list(records), source, stream),
    )
    return {cast("UUID", record) for (record,) in found}


def hold(conn: Connection, batches: Sequence[UUID], reason: str) -> None:
    """Hold batches for one reason, those that were not mapped meanwhile."""
    conn.execute(
        "UPDATE intake.batch SET state = 'held', held_reason = %s WHERE batch = ANY(%s) AND state IN ('landed', 'held')",
        (reason, list(batches)),
    )


def let_go(conn: Connection, batches: Sequence[UUID]) -> int:
    """Let held batches wait to be mapped again; says how many there were."""
    return conn.execute(
        "UPDATE intake.batch SET state = 'landed', held_reason = NULL WHERE batch = ANY(%s) AND state = 'held'",
        (list(batches),),
    ).rowcount


def held(conn: Connection, source: str | None = None) -> list[Mapping[str, object]]:
    """List the batches that are held, of one source or of all: why, and when they came."""
    found = conn.execute(
        "SELECT source, stream, batch, held_reason, landed_at FROM intake.batch"
        " WHERE state = 'held' AND source = coalesce(%s::text, source) ORDER BY source, stream, batch",
        (source,),
    )
    names = ("source", "stream", "batch", "reason", "landed_at")
    return [dict(zip(names, row, strict=True)) for row in found]
