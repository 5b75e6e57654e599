"""Read the queue of doubtful pairs as one account sees it: undecided pairs, and pairs that it decides as the second.

Nothing tells the two apart: who decides second does not know it, nor what the first said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from wye.errors import UsageError
from wye.identity.short_id import bounds
from wye.identity.words import Pair
from wye.store.database import Connection

# Undecided pairs of two persons; disputes between others; and decided pairs that wait for another account's look.
QUEUE = """WITH asked AS (
 SELECT d.record_a, d.record_b, d.pair, d.weight, d.found_at FROM identity.doubt d
 JOIN identity.person_link a ON a.record = d.record_a AND a.superseded_at IS NULL
 JOIN identity.person_link b ON b.record = d.record_b AND b.superseded_at IS NULL
 WHERE d.decided_at IS NULL AND a.person <> b.person
 UNION ALL
 SELECT d.record_a, d.record_b, d.pair, s.weight, d.found_at FROM identity.doubt d
 JOIN identity.second_look s ON (s.record_a, s.record_b) = (d.record_a, d.record_b)
 WHERE (s.state = 'waiting' AND s.first_by <> %(actor)s)
  OR (s.state = 'disputed' AND %(actor)s NOT IN (s.first_by, s.second_by))),
queue AS (
 SELECT q.*, k.actor IS NOT NULL AS skipped FROM asked q
 LEFT JOIN identity.review_skip k ON (k.record_a, k.record_b, k.actor) = (q.record_a, q.record_b, %(actor)s)
 WHERE NOT EXISTS (SELECT FROM identity.sealed_record s WHERE s.record = q.record_a)
  AND NOT EXISTS (SELECT FROM identity.sealed_record s WHERE s.record = q.record_b))"""

PAGE = (
    QUEUE
    + """ SELECT q.pair, q.record_a, q.record_b, q.weight, q.found_at, q.skipped, f.source, g.source
FROM queue q JOIN identity.feature f ON f.record = q.record_a JOIN identity.feature g ON g.record = q.record_b
WHERE q.pair BETWEEN %(low)s AND %(high)s
ORDER BY q.skipped, q.weight DESC, q.record_a, q.record_b LIMIT %(limit)s OFFSET %(offset)s"""
)

COUNT = QUEUE + " SELECT count(*), count(*) FILTER (WHERE skipped) FROM queue"  # noqa: S608  our own text

ELSEWHERE = """SELECT count(*) FILTER (WHERE state = 'waiting' AND first_by = %(actor)s),
 count(*) FILTER (WHERE state = 'disputed' AND %(actor)s IN (first_by, second_by)) FROM identity.second_look"""

SKIP = """INSERT INTO identity.review_skip (record_a, record_b, actor, at) VALUES (%s, %s, %s, %s)
ON CONFLICT (record_a, record_b, actor) DO UPDATE SET at = excluded.at"""

WHOLE = (UUID(int=0), UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold one pair of the queue; `sources` are the systems of the two records."""

    id: UUID
    pair: Pair
    weight: float
    found_at: datetime
    skipped: bool
    sources: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Length:
    """Count the queue of an account: `put_aside` of those waiting it skipped; `elsewhere` wait for another account."""

    waiting: int
    put_aside: int
    elsewhere: int


def page(conn: Connection, actor: str, size: int, number: int = 1) -> list[Waiting]:
    """Read one page of an account's queue, likeliest first, what it put aside last; pages count from 1."""
    return _read(conn, actor, WHOLE, size, (number - 1) * size)


def length(conn: Connection, actor: str) -> Length:
    """Count an account's queue."""
    waiting, aside = cast("tuple[int, int]", conn.execute(COUNT, {"actor": actor}).fetchone())
    second, disputed = cast("tuple[int, int]", conn.execute(ELSEWHERE, {"actor": actor}).fetchone())
    return Length(waiting, aside, second + disputed)


def find(conn: Connection, actor: str, name: str) -> Waiting:
    """Find a pair of an account's queue by its id or the beginning of it; raises UsageError."""
    found = _read(conn, actor, bounds(name), 2, 0)
    if len(found) == 1:
        return found[0]
    how = "more than one pair begins" if found else "no pair that waits for you begins"
    raise UsageError(f"{how} with `{name}`; `wye people review` lists the pairs")


def skip(conn: Connection, pair: Pair, actor: str, at: datetime) -> None:
    """Put a pair at the end of an account's queue."""
    conn.execute(SKIP, (*pair, actor, at))


def _read(conn: Connection, actor: str, ids: tuple[UUID, UUID], limit: int, offset: int) -> list[Waiting]:
    values: Mapping[str, object] = {"actor": actor, "low": ids[0], "high": ids[1], "limit": limit, "offset": offset}
    found = cast("Sequence[tuple[Any, ...]]", conn.execute(PAGE, values).fetchall())
    return [
        Waiting(id_, (a, b), weight, found_at, skipped, (left, right))
        for id_, a, b, weight, found_at, skipped, left, right in found
    ]
