"""Put accepted messages into the outbox: accepted means durable."""

from collections.abc import Sequence

from wye.exchange import rows as sql
from wye.exchange.rows import OutboxRow, bring_forward
from wye.store.database import Connection

__all__ = ["OutboxRow", "bring_forward", "enqueue"]


def enqueue(conn: Connection, rows: Sequence[OutboxRow]) -> None:
    """Add rows and note what their recipients will hold; call it inside the transaction that decided.

    A put or correct replaces what the recipient holds of the person, a withdraw ends it; other kinds change nothing.
    Where one batch has several rows of a person, the last one counts.
    """
    if not rows:
        return
    sql.copy_outbox(conn, rows)
    sql.hold_recipient_state(conn, rows)
