"""Check what the hub stands on: database, broker, keys."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from wye.exchange import broker
from wye.keys.choose import open_keys
from wye.keys.provider import KeyProvider
from wye.local.places import broker_url
from wye.road.health import rows
from wye.road.health.finding import Finding, Level, long
from wye.road.routes import routes_of
from wye.settings import Settings
from wye.store.database import Connection, newest, revision

PROBE, CONTEXT = bytes(32), b"wye/health"


def database(conn: Connection) -> Iterator[Finding]:
    """Compare the tables with what this version of Wye needs."""
    found, needed = revision(conn), newest()
    if found == needed:
        yield Finding("database", Level.OK, f"answers; its tables are at revision {found}")
    else:
        yield Finding(
            "database", Level.DOWN, f"its tables are at revision {found}, not {needed}: `python -m wye.store migrate`"
        )


def broker_answers(settings: Settings) -> Iterator[Finding]:
    """See whether the broker answers."""
    with broker.open_channel(broker_url(settings)):
        yield Finding("broker", Level.OK, "answers")


def queues(settings: Settings) -> Iterator[Finding]:
    """Compare queues with what the agreements need, and find what no reader could take."""
    found = broker.check(broker_url(settings), routes_of(settings))
    if found:
        yield Finding("queues", Level.RED, f"{'; '.join(found)} (`wye broker check`)")
    else:
        yield Finding("queues", Level.OK, "are as the agreements need them")


def keys(settings: Settings) -> Iterator[Finding]:
    """Open the keys, wrap and unwrap under the current one."""
    held = open_keys(settings, create=False)
    _, wrapped = held.wrap(PROBE, CONTEXT)
    if held.unwrap(held.current, wrapped, CONTEXT) == PROBE:
        yield Finding("keys", Level.OK, f"{held.place} wraps under `{held.current}`")
    else:
        yield Finding("keys", Level.DOWN, f"{held.place} does not unwrap what it wrapped")


def retirement(conn: Connection, held: KeyProvider, settings: Settings, at: datetime) -> Iterator[Finding]:
    """Say whether a wrapping key outlived its backups: what was shredded can be read from them until it is destroyed."""
    late = rows.keys_to_retire(conn, at - timedelta(days=settings.backup_days), at)
    if late.count and late.age is not None:
        yield Finding(
            "old keys", Level.WARN,
            f"{late.count} wrap nothing, the oldest since {long(late.age)}, and are still in {held.place}: `wye keys retire`",
        )  # fmt: skip
    else:
        yield Finding("old keys", Level.OK, "none outlived its backups")
