"""Count what waits, with the age of the oldest. Read as the application, but for the trail's own tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import LiteralString, cast

from wye.store.database import Connection

WAITING: Mapping[str, LiteralString] = MappingProxyType(
    {
        "held batches": "SELECT count(*), min(landed_at) FROM intake.batch WHERE state = 'held'",
        "quarantine": "SELECT count(DISTINCT value), min(found_at) FROM intake.quarantine WHERE cleared_at IS NULL",
        "unplaced protections": (
            "SELECT count(DISTINCT value), min(since) FROM canonical.pending_protection"
            " WHERE cleared_at IS NULL AND NOT placed"
        ),
        "batches not mapped": "SELECT count(*), min(landed_at) FROM intake.batch WHERE state = 'landed'",
        "identity": "SELECT count(*), min(changed_at) FROM canonical.changed",
        "doubtful matches": "SELECT count(*), min(found_at) FROM identity.doubt WHERE queued AND decided_at IS NULL",
        "decisions due": (
            "SELECT count(*), min(not_before) FROM sharing.due WHERE not_before <= %(at)s AND agreement = ANY(%(feeds)s)"
        ),
        "outbox": (
            "SELECT count(*), min(created_at) FROM exchange.outbox WHERE state IN ('waiting', 'numbered')"
            " AND (not_before IS NULL OR not_before <= %(at)s)"
        ),
        "receipts": "SELECT count(*), min(published_at) FROM exchange.outbox WHERE state = 'published'",
        "notices held": (
            "SELECT count(*), min(made_at) FROM sharing.break_glass_notice AS n WHERE held AND NOT EXISTS"
            " (SELECT FROM sharing.break_glass_notice_word AS w WHERE w.notice = n.id)"
        ),
        "notices to send": (
            "SELECT count(*), min(n.made_at) FROM sharing.break_glass_notice AS n LEFT JOIN LATERAL (SELECT word"
            " FROM sharing.break_glass_notice_word AS w WHERE w.notice = n.id ORDER BY said_at DESC, id DESC LIMIT 1) AS w"
            " ON true WHERE coalesce(w.word, CASE WHEN n.held THEN 'withhold' ELSE 'release' END) = 'release'"
        ),
        "items to hand on": "SELECT count(*), min(at) FROM exchange.handed_on WHERE written_at IS NULL",
    }
)
COSIGNED: LiteralString = "SELECT max(size), max(at) FROM audit.cosignature WHERE witness = %s"
UNCOSIGNED: LiteralString = "SELECT min(at) FROM audit.checkpoint WHERE size > %s"
KEYS_TO_RETIRE: LiteralString = (
    "SELECT count(*), min(rewrapped_at) FROM keys.superseded WHERE destroyed_at IS NULL AND rewrapped_at < %s"
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Count what waits of one kind; `age` is the oldest's, none if nothing waits."""

    count: int
    age: timedelta | None


def backlog(conn: Connection, what: str, at: datetime, feeds: list[str]) -> Backlog:
    """Count what waits of a kind in WAITING."""
    return _backlog(conn, WAITING[what], {"at": at, "feeds": feeds}, at)


def keys_to_retire(conn: Connection, before: datetime, at: datetime) -> Backlog:
    """Count wrapping keys that wrap nothing since before an instant and are still there."""
    return _backlog(conn, KEYS_TO_RETIRE, (before,), at)


def cosigned(conn: Connection, witness: str) -> tuple[int, datetime | None]:
    """Give the largest size that a witness cosigned and when it last did, as the sequencer."""
    row = cast("tuple[int | None, datetime | None]", conn.execute(COSIGNED, (witness,)).fetchone())
    return row[0] or 0, row[1]


def uncosigned_since(conn: Connection, size: int) -> datetime | None:
    """Say since when there is a checkpoint beyond a size, as the sequencer; none if there is none."""
    row = cast("tuple[datetime | None]", conn.execute(UNCOSIGNED, (size,)).fetchone())
    return row[0]


def _backlog(
    conn: Connection, query: LiteralString, words: Mapping[str, object] | tuple[object, ...], at: datetime
) -> Backlog:
    count, oldest = cast("tuple[int, datetime | None]", conn.execute(query, words).fetchone())
    return Backlog(count, None if oldest is None else at - oldest)
