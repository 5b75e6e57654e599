"""Write to a council system, each item once: reserve, write, note. Cut off anywhere, the same batch is written again.

The system takes a batch of one name once; a reserved batch keeps its name and content, so writing it again is harmless.
"""

from collections.abc import Mapping
from uuid import UUID

import orjson

from wye.errors import UsageError
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal_many
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
        _reserve(hub, system, stream, items)
    written = 0
    for batch, sealed in rows.unwritten(hub.conn, system, stream).items():
        plain = unseal_values(hub.conn, hub.keys, sealed)
        connector.write(stream, [orjson.loads(plain[item]) for item in sealed], batch)
        rows.mark_written(hub.conn, system, stream, batch, hub.at())
        written += len(sealed)
    return written


def _reserve(hub: Hub, system: str, stream: str, items: Mapping[UUID, Mapping[str, object]]) -> None:
    """Reserve what is new in one transaction, sealed: what waits for another system is not left lying in clear."""
    with hub.conn.transaction():
        fresh = rows.unreserved(hub.conn, system, stream, list(items))
        if not fresh:
            return
        sealed = seal_many(
            hub.keys, [(item, item, orjson.dumps(dict(content))) for item, content in items.items() if item in fresh]
        )
        insert_wraps(hub.conn, sealed)
        # A name of at most 25 characters: what the narrowest system takes.
        name = f"W{uuid7().hex[:24]}"
        rows.reserve(hub.conn, system, stream, {each.value: each.ciphertext for each in sealed}, name, hub.at())
