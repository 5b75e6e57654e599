"""Check the audit trail from outside it: does it go on, is it the one that was, who else has seen it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from wye.audit import rows as audit_rows
from wye.audit.backlog import STOP, overdue, waited
from wye.audit.checkpoint import origin_of
from wye.audit.outside import HELD_BY, KeptCheckpoints
from wye.keys.provider import KeyProvider
from wye.road.health import rows
from wye.road.health.finding import Finding, Level, by_age, long
from wye.settings import Settings
from wye.store.database import Connection

WITNESS_WARN, WITNESS_RED = timedelta(hours=1), timedelta(days=1)


def sequencing(conn: Connection, at: datetime) -> Iterator[Finding]:
    """Say how long the oldest entry has waited for its index."""
    since, late = waited(conn, at), overdue(conn, at)
    if late is None:
        yield Finding("sequencing", Level.OK, f"the oldest entry without an index has waited {long(since)}")
    else:
        yield Finding("sequencing", Level.RED, f"{late}{'; nothing is disclosed' if since > STOP else ''}")


def log(conn: Connection, held: KeyProvider, settings: Settings) -> Iterator[Finding]:
    """Compare the log with the checkpoints kept outside it; raises EvidenceBroken if it is an older or another one."""
    kept = KeptCheckpoints(settings.keys)
    kept.check(conn, held, origin_of(settings.council))
    newest = audit_rows.newest_checkpoint(conn)
    if newest is None:
        yield Finding("log", Level.OK, "no entry has an index yet")
    elif kept.newest():
        yield Finding("log", Level.OK, f"begins with what is kept outside it, and ends at {newest.size}")
    else:
        yield Finding(
            "log", Level.RED,
            f"ends at {newest.size}, and no checkpoint of ours is in `{settings.keys}`: an older log could not be told;"
            " see who took it away, and compare with a checkpoint held elsewhere (`wye audit verify --held FILE`)",
        )  # fmt: skip


def witnesses(conn: Connection, settings: Settings, at: datetime) -> Iterator[Finding]:
    """Say for how long each witness has not seen the newest of the log. Asks none: that is `wye audit witness`."""
    for name in sorted(settings.witnesses):
        size, _ = rows.cosigned(conn, name)
        since = rows.uncosigned_since(conn, size)
        age = None if since is None else at - since
        level = by_age(age, WITNESS_WARN, WITNESS_RED)
        if age is None:
            said = f"has cosigned all of the log ({size})"
        else:
            said = f"has cosigned {size} entries; what came after it has not seen for {long(age)}"
        yield Finding(f"witness {name}", level, said if level is Level.OK else f"{said}: `wye audit witness`")
    if not settings.witnesses:
        partners = sorted(path.name.removeprefix(HELD_BY) for path in settings.keys.glob(f"{HELD_BY}*"))
        if partners:
            yield Finding("witnesses", Level.OK, f"none; checkpoints were given back by {', '.join(partners)}")
        else:
            yield Finding(
                "witnesses", Level.WARN,
                "nobody outside holds a checkpoint: a log and its folder put back together could not be told"
                " (docs/witness.md)",
            )  # fmt: skip
