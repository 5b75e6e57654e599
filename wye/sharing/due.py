"""Note what may have changed for whom, and take it to decide: a durable to-do list, drained to empty.

Taking deletes within the caller's transaction: if that rolls back, the notes are there again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wye.sharing import rows
from wye.store.database import Connection


def mark_due(conn: Connection, agreements: Sequence[str], persons: Sequence[UUID], cause: str, at: datetime) -> int:
    """Note persons due under agreements from an instant on; gives how many notes are new."""
    return rows.insert_due(conn, agreements, persons, at, cause) if agreements and persons else 0


def mark_due_at(conn: Connection, agreement: str, changes: Sequence[tuple[UUID, datetime]], cause: str) -> int:
    """Note each person due from an instant of their own, such as `Decision.next_change_at`."""
    return rows.insert_due_each(conn, agreement, changes, cause) if changes else 0


def take_due(conn: Connection, agreement: str, limit: int, at: datetime) -> tuple[UUID, ...]:
    """Take the persons due under an agreement, at most `limit` notes; empty when nothing is ready.

    Two callers at once never take the same note. INVARIANT: called within a transaction.
    """
    return rows.delete_due(conn, agreement, limit, at)
