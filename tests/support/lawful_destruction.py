"""Destroy what a holder of an audit log's entries could be read by, as a shred does, and say so in the log."""

from uuid import UUID

from audit_log import AT

from wye.audit.append import append
from wye.audit.event import Event
from wye.keys.provider import KeyProvider
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import EventKind


def destroy(conn: Connection, keys: KeyProvider, person: UUID, **told: int) -> tuple[UUID, UUID]:
    """Destroy by the database's own function, as two accounts; gives the shred and its entry. `told`: other counts."""
    shred = uuid7()
    with conn.transaction():
        conn.execute(
            "INSERT INTO keys.shred (id, person, state, reason, asked_by, asked_at) VALUES (%s, %s, 'asked', 'r', 'a', %s)",
            (shred, person, AT),
        )
        (entries,) = conn.execute("SELECT entries FROM keys.destroy(%s, 'b', '{}', %s)", (shred, AT)).fetchone() or (0,)
        event = Event(
            kind=EventKind.ERASURE, at=AT, actor="b", purpose="keys shred", outcome="destroyed",
            counts={"entries": int(str(entries)), **told}, detail={"shred": str(shred)},
        )  # fmt: skip
        (entry,) = append(conn, keys, [event], AT)
        conn.execute("UPDATE keys.shred SET entry = %s WHERE id = %s", (entry.id, shred))
    return shred, entry.id
