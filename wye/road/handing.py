"""Write to a council system, each item once: reserve, write, note. Cut off anywhere, the same batch is written again.

The system takes a batch of one name once; a reserved batch keeps its name and content, so writing it again is harmless.
"""

from collections.abc import Mapping
from uuid import UUID

from wye.errors import UsageError
from wye.ports import Writes
from wye.road import rows
from wye.road.hub import Hub
from wye.store.ids import uuid7


def hand(hub: Hub, system: str, stream: str, items: Mapping[UUID, Mapping[str, object]]) -> int:
    """Write the items not yet handed to the system, and any batch that an earlier run left; gives how many items.

    Raises StorageExhausted or SourceUnavailable; what is reserved is then written by the next run.
    """
    connector = hub.connector(system)
    if not isinstance(connector, Writes):
        raise UsageError(f"system `{system}` cannot be written to")
    if items:
        # A name of at most 25 characters: what the narrowest system takes.
        rows.reserve(hub.conn, system, stream, items, f"W{uuid7().hex[:24]}", hub.at())
    written = 0
    for batch, reserved in rows.unwritten(hub.conn, system, stream).items():
        connector.write(stream, reserved, batch)
        rows.mark_written(hub.conn, system, stream, batch, hub.at())
        written += len(reserved)
    return written
