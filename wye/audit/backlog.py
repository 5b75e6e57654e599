"""Tell how long the oldest entry has waited for its place in the log: too long alarms, longer stops disclosures.

Until an entry has an index under a signed checkpoint, whoever holds the database could take it away and nobody could
tell. A hub whose sequencer stands still must not go on disclosing as if the trail were sealed.
"""

from datetime import datetime, timedelta

from wye.errors import EvidenceBroken
from wye.store.database import Connection

ALARM = timedelta(minutes=20)
"""The DAG `housekeeping` sequences each quarter of an hour: one round was missed. A worker does so every two seconds."""
STOP = timedelta(hours=1)

# Ids are UUIDv7: the smallest was staged first, give or take the clocks of two processes.
OLDEST = """SELECT staged_at FROM audit.entry
WHERE id = (SELECT entry FROM audit.staged ORDER BY entry LIMIT 1)"""


def waited(conn: Connection, at: datetime) -> timedelta:
    """Give how long the oldest entry without an index has waited; nothing if all have one."""
    found = conn.execute(OLDEST).fetchone()
    return at - found[0] if found else timedelta()  # type: ignore[operator]  # rows are untyped


def overdue(conn: Connection, at: datetime) -> str | None:
    """Say that the oldest entry has waited longer than ALARM; None if it has not."""
    since = waited(conn, at)
    return _told(since) if since > ALARM else None


def require_sequenced(conn: Connection, at: datetime) -> None:
    """Raise EvidenceBroken if the oldest entry has waited longer than STOP: nothing may be disclosed until it has its index."""
    since = waited(conn, at)
    if since > STOP:
        raise EvidenceBroken(f"{_told(since)}; nothing is disclosed until the log goes on")


def _told(since: timedelta) -> str:
    minutes = int(since.total_seconds() // 60)
    return f"an audit entry has waited {minutes:,} minutes for its place in the log: see why `sequence` does not run"
