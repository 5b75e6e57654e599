"""Append audit entries in the transaction whose events they record: no entry, no event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from wye.audit.entry import Tokens, build
from wye.audit.event import Event
from wye.audit.rows import insert_entries
from wye.keys.provider import KeyProvider
from wye.keys.rows import insert_wraps
from wye.store.database import Connection
from wye.store.ids import uuid7


@dataclass(frozen=True, slots=True)
class Appended:
    """Name one new entry, and the leaf hash by which a receipt can point at it (32 bytes)."""

    id: UUID
    leaf: bytes


def append(conn: Connection, keys: KeyProvider, events: Sequence[Event], at: datetime) -> list[Appended]:
    """Append one entry for each event, in order, all or none, as part of the caller's transaction.

    They get their place in the log when the sequencer next runs.
    """
    if not events:
        return []
    tokens = Tokens(keys)
    # Ids of one millisecond fall in any order: sorted, they follow the events.
    ids = sorted((uuid7() for _ in events), key=attrgetter("int"))
    entries = [build(keys, tokens, entry, event, at) for entry, event in zip(ids, events, strict=True)]
    with conn.transaction():
        insert_entries(conn, entries, at)
        insert_wraps(conn, (each.sealed for each in entries))
    return [Appended(each.id, each.leaf) for each in entries]
