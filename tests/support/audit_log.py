"""Make audit logs of invented events."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from wye.audit.append import Appended, append
from wye.audit.checkpoint import Checkpoint
from wye.audit.event import Event
from wye.audit.sequencer import sequence
from wye.keys.provider import KeyProvider
from wye.store.database import Connection
from wye.vocabulary import EventKind

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ORIGIN = "arrowshire-council/audit"
PERSON, OTHER = UUID(int=0xA), UUID(int=0xB)


def an_event(**known: Any) -> Event:
    """Make a disclosure of an invented person to the hospital, but for what is known better."""
    return Event(
        **{
            "kind": EventKind.DISCLOSURE,
            "at": AT,
            "actor": "wye",
            "person": PERSON,
            "agreement": "adult-social-care",
            "version": "1.0",
            "recipient": "arrowshire-hospitals",
            "outcome": "release",
            "purpose": "direct-care",
            "reasons": ("in-force",),
            "fields": ("person.given_name",),
        }
        | known
    )


def a_log(conn: Connection, keys: KeyProvider, *batches: int) -> list[Appended]:
    """Append and sequence a batch of events for each number, a minute apart; every third is about the other person."""
    appended: list[Appended] = []
    for number, size in enumerate(batches):
        at = AT + timedelta(minutes=number)
        events = [an_event(person=OTHER if (len(appended) + n) % 3 == 2 else PERSON, at=at) for n in range(size)]
        appended += append(conn, keys, events, at)
        sequence(conn, keys, ORIGIN, at)
    return appended


def sequence_all(conn: Connection, keys: KeyProvider, batch: int = 5000) -> list[Checkpoint]:
    """Sequence until nothing waits."""
    made = []
    while checkpoint := sequence(conn, keys, ORIGIN, AT, batch):
        made.append(checkpoint)
    return made


def indices(conn: Connection) -> list[tuple[object, ...]]:
    """Read (index, entry), in order."""
    return conn.execute("SELECT index, entry FROM audit.index ORDER BY index").fetchall()
