"""Rotate the wrapping key: make a new one, and move every wrap to it; no ciphertext is touched.

Safe at any point: the new key is current before the first wrap moves, a batch of wraps moves in one transaction, and
whatever was interrupted goes on when it is asked for again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import EvidenceBroken
from wye.failpoints import reach
from wye.keys import rotation_rows as rows
from wye.keys.provider import KeyProvider
from wye.store.database import Connection
from wye.vocabulary import EventKind

BATCH = 1000
PASSES = 3
"""A program that has not noticed the rotation may wrap under the old key meanwhile: look again, not for ever."""

Progress = Callable[[int, int], None]
"""Told (wraps moved, wraps there were) after each batch."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """Tell how a rotation went. Only `left` and `broken` of 0 make the old keys ready to retire."""

    current: str
    superseded: tuple[str, ...]
    resumed: bool
    """An earlier rotation was not done: this one went on with it and made no further key."""
    rewrapped: int
    left: int
    """Wraps that were made under an old key after the last look; asking again moves them."""
    broken: tuple[UUID, ...]
    """Values whose wrap does not open, and so could not be moved."""


def rotate(
    conn: Connection,
    keys: KeyProvider,
    *,
    actor: str,
    at: datetime,
    tell: Progress = lambda _done, _of: None,
    batch: int = BATCH,
) -> Rotated:
    """Make a new wrapping key, unless a rotation is unfinished, and rewrap what older keys wrap.

    Not inside another transaction. Raises EnvironmentFault if another rotation is at work.
    """
    with rows.alone(conn):
        keys.renew()
        resumed = _unfinished(conn, keys)
        if not resumed:
            keys.rotate()
            reach("rotate.after_new_key")
        _note_superseded(conn, keys, actor, at)
        old = [name for name in keys.wrapping_keys if name != keys.current]
        rewrapped, broken = rewrap(conn, keys, old, tell, batch)
        for each in rows.superseded(conn):
            if each.provider_key in old and each.rewrapped_at is None:
                _finish(conn, keys, each.provider_key, actor, at)
        left = rows.count_under(conn, old) - len(broken)
        return Rotated(keys.current, tuple(old), resumed, rewrapped, left, broken)


def rewrap(
    conn: Connection, keys: KeyProvider, old: Sequence[str], tell: Progress, batch: int = BATCH
) -> tuple[int, tuple[UUID, ...]]:
    """Move the wraps under old keys to the current one, batch by batch; gives how many moved, and those that cannot."""
    done, broken, there = 0, set[UUID](), rows.count_under(conn, old)
    for _ in range(PASSES):
        before, after = done, (rows.FIRST, rows.FIRST)
        while True:
            with conn.transaction():
                page = rows.old_wraps(conn, old, after, batch)
                moved = []
                for each in page:
                    context = each.value.bytes + each.holder.bytes
                    try:
                        key = keys.unwrap(each.provider_key, each.wrapped, context)
                    except EvidenceBroken:
                        broken.add(each.value)
                        continue
                    moved.append((each, *keys.wrap(key, context)))
                rows.rewrap(conn, moved)
                reach("rotate.before_commit")
            if not page:
                break
            after = (page[-1].value, page[-1].holder)
            done += len(moved)
            tell(done, max(there, done))
        if done == before:
            break
    return done, tuple(sorted(broken))


def event(outcome: str, key: str, actor: str, at: datetime, **more: str) -> Event:
    """Record what became of a wrapping key; keys are named, never shown."""
    return Event(kind=EventKind.KEY, at=at, actor=actor, outcome=outcome, detail={"key": key, **more})


def _unfinished(conn: Connection, keys: KeyProvider) -> bool:
    known = {each.provider_key: each for each in rows.superseded(conn)}
    old = [name for name in keys.wrapping_keys if name != keys.current]
    return any(name not in known or known[name].rewrapped_at is None for name in old)


def _note_superseded(conn: Connection, keys: KeyProvider, actor: str, at: datetime) -> None:
    known = {each.provider_key for each in rows.superseded(conn)}
    new = [name for name in keys.wrapping_keys if name != keys.current and name not in known]
    with conn.transaction():
        rows.insert_superseded(conn, new, at)
        append(conn, keys, [event("superseded", name, actor, at, current=keys.current) for name in new], at)


def _finish(conn: Connection, keys: KeyProvider, name: str, actor: str, at: datetime) -> None:
    if rows.count_under(conn, [name]):
        return
    with conn.transaction():
        count = rows.mark_rewrapped(conn, name, at)
        done = Event(
            kind=EventKind.KEY,
            at=at,
            actor=actor,
            outcome="rewrapped",
            counts={"wraps": count},
            detail={"key": name, "current": keys.current},
        )
        append(conn, keys, [done], at)
