"""Read what was destroyed, and which shreds say that they did it."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class ToldShred:
    """Hold what the tables say of one shred. `entry` is the audit entry that tells of it."""

    id: UUID
    state: str
    entry: UUID | None
    ciphertext: bytes | None
    """The sealed body of that entry; none if it is not there."""
    destroyed: int
    """Entries that are said to have been destroyed by it."""


def told_shreds(conn: Connection) -> list[ToldShred]:
    """Read every shred that is done, or that anything is said to have been destroyed by; oldest first."""
    found = conn.execute(
        "SELECT s.id, s.state, s.entry, e.ciphertext, (SELECT count(*) FROM audit.destroyed AS d WHERE d.shred = s.id)"
        " FROM keys.shred AS s LEFT JOIN audit.entry AS e ON e.id = s.entry"
        " WHERE s.state = 'done' OR EXISTS (SELECT FROM audit.destroyed AS d WHERE d.shred = s.id) ORDER BY s.id"
    ).fetchall()
    return [ToldShred(*row) for row in cast("list[tuple[UUID, str, UUID | None, bytes | None, int]]", found)]


def count_destroyed(conn: Connection) -> int:
    """Count the entries that shreds destroyed."""
    row = conn.execute("SELECT count(*) FROM audit.destroyed").fetchone()
    return cast("int", row[0]) if row else 0


def lost(conn: Connection) -> UUID | None:
    """Find an entry that nobody can open and that no shred says it destroyed."""
    return _one(
        conn.execute(
            "SELECT e.id FROM audit.entry AS e WHERE NOT EXISTS (SELECT FROM keys.wrap AS w WHERE w.value = e.id)"
            " AND NOT EXISTS (SELECT FROM audit.destroyed AS d WHERE d.entry = e.id) ORDER BY e.id LIMIT 1"
        ).fetchone()
    )


def undead(conn: Connection) -> UUID | None:
    """Find an entry that a shred says it destroyed and that can be opened or found by a token."""
    return _one(
        conn.execute(
            "SELECT d.entry FROM audit.destroyed AS d WHERE EXISTS (SELECT FROM keys.wrap AS w WHERE w.value = d.entry)"
            " OR EXISTS (SELECT FROM audit.token AS t WHERE t.entry = d.entry) ORDER BY d.entry LIMIT 1"
        ).fetchone()
    )


def _one(row: tuple[object, ...] | None) -> UUID | None:
    return cast("UUID", row[0]) if row else None
