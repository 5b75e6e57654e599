"""Read which waiting versions might have said more of a person's protections at an instant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

from wye.store.database import Connection
from wye.store.pending import PendingProtection

_THEN: LiteralString = """
SELECT p.record, p.source, p.stream, p.since, v.cause, v.unread, v.stated, v.known
FROM canonical.pending_protection AS p CROSS JOIN LATERAL (
 SELECT p.cause, p.unread, p.stated, coalesce(p.noted_at, p.since) AS noted_at, p.cleared_at AS ended_at, true AS known
 UNION ALL SELECT b.cause, b.unread, b.stated, b.noted_at, b.ended_at, b.known
 FROM canonical.pending_protection_before AS b WHERE (b.value, b.subject) = (p.value, p.subject)) AS v
WHERE p.subject = ANY(%(records)s) AND v.noted_at <= %(at)s AND (v.ended_at IS NULL OR v.ended_at > %(at)s)
ORDER BY p.since, p.value, p.subject"""


def pending_then(conn: Connection, records: Sequence[UUID], at: datetime) -> tuple[PendingProtection, ...] | None:
    """Give the versions that waited at an instant and were about these records, oldest first.

    None: one was there of which nobody can tell what it said when, since that was not kept before revision 0020.
    """
    found = cast("list[Any]", conn.execute(_THEN, {"records": list(records), "at": at}).fetchall())
    if not all(known for *_, known in found):
        return None
    return tuple(
        PendingProtection(
            record, source, stream, since, cause, unread, tuple((str(one["entity"]), one["values"]) for one in stated)
        )
        for record, source, stream, since, cause, unread, stated, _ in found
    )
