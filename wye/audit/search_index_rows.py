"""Keep what the search index was found to be, and read what only its check needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import psycopg

from wye.errors import EnvironmentFault
from wye.store.database import Connection
from wye.store.ids import uuid7


@dataclass(frozen=True, slots=True)
class Checked:
    """Hold one check of the search index: entries `first` to `beyond` - 1, and older ones again."""

    at: datetime
    actor: str
    first: int
    beyond: int
    again_first: int
    again_beyond: int
    size: int
    """Of the log, then."""
    findings: int
    verified: int
    """So many entries, from the first on, are found as they should be."""


COLUMNS = "at, actor, first, beyond, again_first, again_beyond, size, findings, verified"


def newest_check(conn: Connection) -> Checked | None:
    """Read the newest check; none before the first."""
    row = conn.execute(f"SELECT {COLUMNS} FROM audit.index_check ORDER BY id DESC LIMIT 1").fetchone()  # noqa: S608  our words
    return Checked(*row) if row else None  # type: ignore[arg-type]  # rows are untyped


def whole_since(conn: Connection) -> datetime | None:
    """Tell when the whole log was last rebuilt at once and found right; none if it never was."""
    row = conn.execute(
        "SELECT max(at) FROM audit.index_check WHERE first = 0 AND beyond = size AND findings = 0"
    ).fetchone()
    return cast("datetime | None", row[0]) if row else None


def insert_check(conn: Connection, checked: Checked, entry: UUID | None) -> None:
    """Note a check, with the entry that tells of it, if there is one."""
    conn.execute(
        f"INSERT INTO audit.index_check (id, {COLUMNS}, entry) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",  # noqa: S608  our words
        (
            uuid7(), checked.at, checked.actor, checked.first, checked.beyond, checked.again_first, checked.again_beyond,
            checked.size, checked.findings, checked.verified, entry,
        ),
    )  # fmt: skip


def destroyed_of(conn: Connection, entries: Sequence[UUID]) -> set[UUID]:
    """Tell which of these entries a shred destroyed."""
    found = conn.execute("SELECT entry FROM audit.destroyed WHERE entry = ANY(%s)", (list(entries),))
    return {entry for (entry,) in cast("list[tuple[UUID]]", found.fetchall())}


def tokens_of_none(conn: Connection, limit: int = 100) -> list[tuple[UUID, str]]:
    """Find (entry, field) of tokens whose entry is not there."""
    found = conn.execute(
        "SELECT t.entry, t.field FROM audit.token AS t"
        " WHERE NOT EXISTS (SELECT FROM audit.entry AS e WHERE e.id = t.entry) LIMIT %s",
        (limit,),
    )
    return cast("list[tuple[UUID, str]]", found.fetchall())


def make_months(conn: Connection) -> int:
    """Have the tables of the coming months made by whoever owns the tables (audit.make_months); gives how many.

    Raises EnvironmentFault if somebody is at the table of what has no month: entries go on, and it is to be tried again.
    """
    try:
        row = conn.execute("SELECT audit.make_months()").fetchone()
    except psycopg.errors.LockNotAvailable:
        raise EnvironmentFault(
            "the tables of coming months were not made: somebody is at `audit_token.other`"
        ) from None
    return cast("int", row[0]) if row else 0
