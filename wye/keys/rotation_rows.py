"""Move wraps from superseded wrapping keys to the current one, and keep how far each key's end has come."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.errors import EnvironmentFault
from wye.store.database import Connection

ROTATION_LOCK = 7796
KEY_LOCK = 7795
"""INVARIANT: the trigger of keys.wrap shares the lock (7795, hash of the key's name) that retiring takes alone."""
FIRST = UUID(int=0)

Place = tuple[UUID, UUID]
"""Value and holder: where a wrap is."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Hold what is known of a wrapping key that is no longer current."""

    provider_key: str
    superseded_at: datetime
    rewrapped: int
    rewrapped_at: datetime | None
    retired_at: datetime | None
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OldWrap:
    """Hold a wrap under a superseded key."""

    value: UUID
    holder: UUID
    provider_key: str
    wrapped: bytes


@contextmanager
def alone(conn: Connection) -> Iterator[None]:
    """Let one rotation or retirement work at a time; raises EnvironmentFault if another is at work."""
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (ROTATION_LOCK,)).fetchone()
    if row != (True,):
        raise EnvironmentFault("another rotation or retirement of keys is at work; try again when it is done")
    try:
        yield
    finally:
        if not conn.broken:
            conn.execute("SELECT pg_advisory_unlock(%s)", (ROTATION_LOCK,))


def superseded(conn: Connection) -> list[Superseded]:
    """Read every key that is no longer current, oldest first."""
    found = conn.execute(
        "SELECT provider_key, superseded_at, rewrapped, rewrapped_at, retired_at, destroyed_at FROM keys.superseded"
        " ORDER BY superseded_at, provider_key"
    )
    rows = cast("list[tuple[str, datetime, int, datetime | None, datetime | None, datetime | None]]", found.fetchall())
    return [Superseded(*row) for row in rows]


def insert_superseded(conn: Connection, provider_keys: Sequence[str], at: datetime) -> None:
    """Note that keys are no longer current."""
    conn.execute(
        "INSERT INTO keys.superseded (provider_key, superseded_at) SELECT unnest(%s::text[]), %s",
        (list(provider_keys), at),
    )


def count_under(conn: Connection, provider_keys: Sequence[str]) -> int:
    """Count the wraps under any of these keys."""
    row = conn.execute("SELECT count(*) FROM keys.wrap WHERE provider_key = ANY(%s)", (list(provider_keys),)).fetchone()
    return cast("int", row[0]) if row else 0


def old_wraps(conn: Connection, provider_keys: Sequence[str], after: Place, limit: int) -> list[OldWrap]:
    """Read and lock wraps under any of these keys, by place; one that is just being shredded is passed over."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT value, holder, provider_key, wrapped FROM keys.wrap"
            " WHERE provider_key = ANY(%s) AND (value, holder) > (%s, %s)"
            " ORDER BY value, holder LIMIT %s FOR UPDATE SKIP LOCKED",
            (list(provider_keys), *after, limit),
        )
        return [OldWrap(*row) for row in cast("list[tuple[UUID, UUID, str, bytes]]", cursor.fetchall())]


def rewrap(conn: Connection, wraps: Sequence[tuple[OldWrap, str, bytes]]) -> None:
    """Put (old wrap, key, wrap) in the places of the old ones and count them."""
    if not wraps:
        return
    conn.execute(
        "UPDATE keys.wrap AS w SET provider_key = n.key, wrapped = n.wrapped"
        " FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bytea[]) AS n (value, holder, key, wrapped)"
        " WHERE w.value = n.value AND w.holder = n.holder",
        (
            [old.value for old, _, _ in wraps],
            [old.holder for old, _, _ in wraps],
            [key for _, key, _ in wraps],
            [wrapped for _, _, wrapped in wraps],
        ),
    )
    conn.execute(
        "UPDATE keys.superseded AS s SET rewrapped = s.rewrapped + n.count FROM"
        " (SELECT key, count(*) FROM unnest(%s::text[]) AS k (key) GROUP BY key) AS n WHERE s.provider_key = n.key",
        ([old.provider_key for old, _, _ in wraps],),
    )


def mark_rewrapped(conn: Connection, provider_key: str, at: datetime) -> int:
    """Note that no wrap is left under a key; gives how many were moved."""
    row = conn.execute(
        "UPDATE keys.superseded SET rewrapped_at = %s WHERE provider_key = %s RETURNING rewrapped", (at, provider_key)
    ).fetchone()
    return cast("int", row[0]) if row else 0


def retire_if_unused(conn: Connection, provider_key: str, at: datetime) -> int:
    """Let nothing be wrapped under a key any more, unless a wrap is left; gives how many are. In a transaction."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (KEY_LOCK, provider_key))
    left = count_under(conn, [provider_key])
    if not left:
        conn.execute("UPDATE keys.superseded SET retired_at = %s WHERE provider_key = %s", (at, provider_key))
    return left


def mark_destroyed(conn: Connection, provider_key: str, at: datetime) -> None:
    """Note that the provider no longer has a key."""
    conn.execute("UPDATE keys.superseded SET destroyed_at = %s WHERE provider_key = %s", (at, provider_key))
