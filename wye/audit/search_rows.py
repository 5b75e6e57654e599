"""Find stored entries by token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one entry that matched, still sealed."""

    entry: UUID
    ciphertext: bytes
    staged_at: datetime
    index: int | None


def find(
    conn: Connection, tokens: Sequence[tuple[str, bytes]], since: datetime | None, until: datetime | None
) -> list[Found]:
    """Find the entries that carry every token and were staged within the times, oldest first."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT e.id, e.ciphertext, e.staged_at, i.index FROM audit.entry AS e LEFT JOIN audit.index AS i ON i.entry = e.id"
            " WHERE e.id IN (SELECT t.entry FROM audit.token AS t"
            " JOIN unnest(%(fields)s::text[], %(tokens)s::bytea[]) AS asked (field, token) USING (field, token)"
            " GROUP BY t.entry HAVING count(*) = %(asked)s)"
            " AND (%(since)s::timestamptz IS NULL OR e.staged_at >= %(since)s)"
            " AND (%(until)s::timestamptz IS NULL OR e.staged_at <= %(until)s) ORDER BY e.id",
            {
                "fields": [field for field, _ in tokens],
                "tokens": [token for _, token in tokens],
                "asked": len(tokens),
                "since": since,
                "until": until,
            },
        )
        return [Found(*row) for row in cast("list[tuple[UUID, bytes, datetime, int | None]]", cursor.fetchall())]


def one(conn: Connection, entry: UUID) -> list[Found]:
    """Find one entry by its id: a list of one, or of none."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT e.id, e.ciphertext, e.staged_at, i.index FROM audit.entry AS e"
            " LEFT JOIN audit.index AS i ON i.entry = e.id WHERE e.id = %s",
            (entry,),
        )
        return [Found(*row) for row in cast("list[tuple[UUID, bytes, datetime, int | None]]", cursor.fetchall())]
