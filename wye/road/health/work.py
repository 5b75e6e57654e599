"""Check what waits for people and for the next run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from wye.road.health import rows
from wye.road.health.finding import Finding, Level, by_age, long
from wye.road.overdue import CLOCKS, owed
from wye.store.database import Connection

NOW = timedelta(microseconds=-1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """Say from which age on what waits is said, and is red; and what to do about it."""

    warn: timedelta
    red: timedelta
    do: str


LIMITS: dict[str, Limit] = {
    "held batches": Limit(NOW, NOW, "`wye quality report`"),
    # A month is what people have a right to wait at most (UK GDPR Article 12(3)): the row may be their correction.
    "quarantine": Limit(7 * DAY, 28 * DAY, "`wye quality quarantine list`"),
    "unplaced protections": Limit(
        NOW, NOW, "somebody may need protecting, and nobody can tell who: `wye quality quarantine list`"
    ),
    # Each is drained by a DAG every hour: two were missed, then a night's worth.
    "batches not mapped": Limit(timedelta(hours=2), timedelta(hours=6), "see why `ingest` does not run"),
    "identity": Limit(timedelta(hours=2), timedelta(hours=6), "see why `identify` does not run"),
    "doubtful matches": Limit(7 * DAY, 28 * DAY, "`wye people review show`"),
    "decisions due": Limit(timedelta(hours=2), timedelta(hours=6), "see why `share` does not run"),
    "outbox": Limit(timedelta(hours=2), timedelta(hours=6), "see why `relay` does not run"),
    "receipts": Limit(DAY, 7 * DAY, "ask the partner whether their consumer runs"),
    # Nobody is told while a notice is held: a named reviewer says for how long that is right.
    "notices held": Limit(7 * DAY, 28 * DAY, "`wye people glass show`, then `wye people glass notice`"),
    "notices to send": Limit(7 * DAY, 28 * DAY, "send it, and say so: `wye people glass notice`"),
    "items to hand on": Limit(timedelta(hours=2), DAY, "see why `hand_on` does not run"),
}


def waiting(conn: Connection, at: datetime, feeds: list[str]) -> Iterator[Finding]:
    """Judge everything that waits by the age of its oldest."""
    for name, limit in LIMITS.items():
        found = rows.backlog(conn, name, at, feeds)
        level = by_age(found.age if found.count else None, limit.warn, limit.red)
        if not found.count or found.age is None:
            yield Finding(name, Level.OK, "none")
            continue
        said = f"{found.count:,}, the oldest since {long(found.age)}"
        yield Finding(name, level, said if level is Level.OK else f"{said}: {limit.do}")


def owing(conn: Connection, at: datetime) -> Iterator[Finding]:
    """Judge what people owe by a day (wye.road.overdue): red once one is overdue, a warning while one presses."""
    found = {each.what: each for each in owed(conn, at)}
    for what in CLOCKS:
        each = found.get(what)
        if each is None:
            yield Finding(what, Level.OK, "none")
        elif each.overdue:
            yield Finding(what, Level.RED, each.words())
        else:
            said = f"{each.open:,}, the first due by {each.due:%Y-%m-%d %H:%M} UTC (clock: {each.clock.within})"
            presses = each.presses(at)
            yield Finding(what, Level.WARN if presses else Level.OK, f"{said}: {each.clock.do}" if presses else said)
