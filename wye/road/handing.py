"""Write to a council system, each item once: reserve, write, note. Cut off anywhere, the same batch is written again.

The system takes a batch of one name once; a reserved batch keeps its name and content, so writing it again is harmless.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import orjson

from wye.agreements.identifiers import barred
from wye.audit.backlog import require_sequenced
from wye.errors import UsageError
from wye.failpoints import reach
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal_many
from wye.ports import Writes
from wye.road import rows
from wye.road.hub import Hub
from wye.store.ids import uuid7


def hand(hub: Hub, system: str, stream: str, items: Mapping[UUID, Mapping[str, object]]) -> int:
    """Write the items not yet handed to the system, and any batch that an earlier run left; gives how many items.

    Raises StorageExhausted, SourceUnavailable, or EvidenceBroken while the audit trail has long not been sequenced; what
    is reserved is then written by the next run.
    """
    if items:
        reserve(hub, system, stream, items)
    return write(hub, system, stream)


def write(hub: Hub, system: str, stream: str) -> int:
    """Write every batch that is reserved and not known to be written; gives how many items."""
    require_sequenced(hub.conn, hub.at())
    connector = _writes(hub, system)
    written = 0
    for batch, sealed in rows.unwritten(hub.conn, system, stream).items():
        plain = unseal_values(hub.conn, hub.keys, sealed)
        connector.write(stream, [orjson.loads(plain[item]) for item in sealed], batch)
        reach("hand.after_write")
        rows.mark_written(hub.conn, system, stream, batch, hub.at())
        written += len(sealed)
    return written


def reserve(hub: Hub, system: str, stream: str, items: Mapping[UUID, Mapping[str, object]]) -> None:
    """Reserve what is new in one transaction, sealed: what waits for another system is not left lying in clear.

    Raises UsageError, and reserves nothing, if an item holds an identifier that the system may not use.
    """
    _guard(system, _writes(hub, system), items.values())
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


def _writes(hub: Hub, system: str) -> Writes:
    connector = hub.connector(system)
    if not isinstance(connector, Writes):
        raise UsageError(f"system `{system}` cannot be written to")
    return connector


def _guard(system: str, connector: Writes, items: Iterable[Mapping[str, object]]) -> None:
    """Look for identifiers by the names of the canonical fields, whether the item has them or is about them."""
    names = {field for _, field in barred(connector.works_in)}
    for item in items:
        held = {name for name in names if item.get(name)} | ({str(item.get("field"))} & names)
        if held:
            raise UsageError(f"`{min(held)}` may not be written to `{system}`: it works in no field that may use it")
