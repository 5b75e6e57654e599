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


def erasures(conn: Connection, person: UUID, since: datetime | None, until: datetime | None) -> list[Found]:
    """Find the entries that say that what was known of a person was destroyed."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT e.id, e.ciphertext, e.staged_at, i.index FROM keys.shred AS s JOIN audit.entry AS e ON e.id = s.entry"
            " LEFT JOIN audit.index AS i ON i.entry = e.id WHERE s.person = %(person)s"
            " AND (%(since)s::timestamptz IS NULL OR e.staged_at >= %(since)s)"
            " AND (%(until)s::timestamptz IS NULL OR e.staged_at <= %(until)s) ORDER BY e.id",
            {"person": person, "since": since, "until": until},
        )
        return [Found(*row) for row in cast("list[tuple[UUID, bytes, datetime, int | None]]", cursor.fetchall())]


def destroyed_by(conn: Connection, entries: Sequence[UUID]) -> dict[UUID, UUID]:
    """Give of entries that a shred destroyed the entry that says so; one that no shred destroyed is absent."""
    found = conn.execute(
        "SELECT d.entry, s.entry FROM audit.destroyed AS d JOIN keys.shred AS s ON s.id = d.shred"
        " WHERE s.entry IS NOT NULL AND d.entry = ANY(%s)",
        (list(entries),),
    )
    return dict(cast("list[tuple[UUID, UUID]]", found.fetchall()))
