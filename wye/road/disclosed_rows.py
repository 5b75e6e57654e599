"""Read what became of disclosures: their messages, receipts, and whether the recipient still holds them."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection

# A recipient still holds a message while it is the latest that it was sent of that person.
FATES = """SELECT o.id, o.kind, o.state, r.outcome, s.outbox IS NOT NULL FROM exchange.outbox o
LEFT JOIN exchange.receipt r ON r.outbox = o.id
LEFT JOIN exchange.recipient_state s ON s.outbox = o.id WHERE o.id = ANY(%s)"""

MADE = "SELECT id FROM exchange.outbox WHERE person = %s AND created_at >= %s AND created_at < %s"


def fates(conn: Connection, messages: Sequence[UUID]) -> dict[UUID, tuple[str, str, str | None, bool]]:
    """Read of each message its kind, state, receipt and whether it is held."""
    found = cast("list[tuple[UUID, str, str, str | None, bool]]", conn.execute(FATES, (list(messages),)).fetchall())
    return {message: (kind, state, outcome, held) for message, kind, state, outcome, held in found}


def made_about(conn: Connection, person: UUID, since: datetime, until: datetime) -> list[UUID]:
    """List the messages made about a person in a stretch of time."""
    found = conn.execute(MADE, (person, since, until)).fetchall()
    return [message for (message,) in cast("list[tuple[UUID]]", found)]
