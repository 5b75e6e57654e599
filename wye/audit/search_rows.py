"""Find stored entries by token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one entry that matched, still sealed."""

    entry: UUID
    ciphertext: bytes
    staged_at: datetime
    index: int | None


# By one token from the index of each month, the other tokens by their entry: however many entries another token has, as
# that of an agreement may be on every second one, what is read is what the first one has.
FIND: LiteralString = """WITH first AS MATERIALIZED (
 SELECT t.entry FROM audit.token AS t WHERE t.field = %(field)s AND t.token = %(token)s)
SELECT e.id, e.ciphertext, e.staged_at, i.index FROM first AS f
JOIN audit.entry AS e ON e.id = f.entry LEFT JOIN audit.index AS i ON i.entry = e.id
WHERE (SELECT count(*) FROM audit.token AS o
       JOIN unnest(%(fields)s::text[], %(tokens)s::bytea[]) AS asked (field, token) USING (field, token)
       WHERE o.entry = f.entry) = cardinality(%(fields)s::text[])
  AND (%(since)s::timestamptz IS NULL OR e.staged_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR e.staged_at <= %(until)s) ORDER BY e.id"""
ONE_TERM: LiteralString = """SELECT e.id, e.ciphertext, e.staged_at, i.index FROM audit.token AS t
JOIN audit.entry AS e ON e.id = t.entry LEFT JOIN audit.index AS i ON i.entry = e.id
WHERE t.field = %(field)s AND t.token = %(token)s
  AND (%(since)s::timestamptz IS NULL OR e.staged_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR e.staged_at <= %(until)s) ORDER BY e.id"""
TELLING = ("message", "nhs-number", "person", "actor", "recipient", "agreement")
"""Fields by how few entries one of their tokens has."""


def find(
    conn: Connection, tokens: Sequence[tuple[str, bytes]], since: datetime | None, until: datetime | None
) -> list[Found]:
    """Find the entries that carry every token and were staged within the times, oldest first."""
    (field, token), *others = sorted(tokens, key=lambda each: TELLING.index(each[0]))
    words = {
        "field": field, "token": token, "fields": [field for field, _ in others], "tokens": [each for _, each in others],
        "since": since, "until": until,
    }  # fmt: skip
    with conn.cursor(binary=True) as cursor:
        cursor.execute(FIND if others else ONE_TERM, words)
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
