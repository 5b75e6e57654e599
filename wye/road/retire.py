"""Destroy wrapping keys that wrap nothing any more: from then on no backup made under them can be read.

That is how destroying a person's wraps reaches the backups: within the time between two rotations and the days for
which backups are kept (docs/keys.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wye.audit.append import append
from wye.failpoints import reach
from wye.keys import rotation_rows as rows
from wye.keys.provider import KeyProvider
from wye.road.rotate import event, rewrap
from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Retired:
    """Tell which keys were destroyed, and why others were not yet."""

    destroyed: tuple[str, ...]
    kept: dict[str, str]


def retire(
    conn: Connection, keys: KeyProvider, *, actor: str, at: datetime, backup_days: int, now: bool = False
) -> Retired:
    """Destroy every superseded wrapping key that nothing needs.

    Kept are keys that still wrap something, and keys that a backup may need: for `backup_days` after the last wrap
    moved. `now` does not wait for backups. Not inside another transaction. What was interrupted is done when asked
    for again. Raises EnvironmentFault if another rotation is at work.
    """
    destroyed, kept = [], {}
    with rows.alone(conn):
        keys.renew()
        for each in rows.superseded(conn):
            if each.destroyed_at is not None:
                continue
            why = None if each.retired_at else _retire_one(conn, keys, each, actor, at, 0 if now else backup_days)
            if why is not None:
                kept[each.provider_key] = why
                continue
            reach("retire.before_destroy")
            keys.destroy(each.provider_key)
            reach("retire.after_destroy")
            with conn.transaction():
                rows.mark_destroyed(conn, each.provider_key, at)
                append(conn, keys, [event("destroyed", each.provider_key, actor, at)], at)
            destroyed.append(each.provider_key)
    return Retired(tuple(destroyed), kept)


def _retire_one(
    conn: Connection, keys: KeyProvider, key: rows.Superseded, actor: str, at: datetime, backup_days: int
) -> str | None:
    """Retire a key, or say why not."""
    if key.rewrapped_at is None:
        return "its wraps have not all been moved; run `wye keys rotate`"
    due = key.rewrapped_at + timedelta(days=backup_days)
    if at < due:
        return f"a backup may need it until {due:%Y-%m-%d %H:%M}"
    rewrap(conn, keys, [key.provider_key], lambda _done, _of: None)  # of programs that had not noticed the rotation
    with conn.transaction():
        if left := rows.retire_if_unused(conn, key.provider_key, at):
            return f"it still wraps {left} values; run `wye keys rotate`"
        append(conn, keys, [event("retired", key.provider_key, actor, at)], at)
    return None
