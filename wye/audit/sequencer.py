"""Give waiting entries their place in the log: dense indices, tree and signed checkpoint in one transaction."""

from collections.abc import Mapping
from datetime import datetime

from wye.audit import rows
from wye.audit.checkpoint import Checkpoint, sign
from wye.audit.growth import Place, edge, edge_root, grow
from wye.audit.merkle import leaf_hash
from wye.errors import EvidenceBroken
from wye.failpoints import reach
from wye.keys.provider import KeyProvider
from wye.store.database import Connection

BATCH = 5000


def sequence(conn: Connection, keys: KeyProvider, origin: str, at: datetime, batch: int = BATCH) -> Checkpoint | None:
    """Index up to `batch` waiting entries and sign the log's new size; none if nothing waits, so call until none.

    One sequencer works at a time; a second one waits for the first. Raises EvidenceBroken, and signs nothing, if the
    stored tree is not the one that the newest checkpoint signed. Not inside another transaction.
    """
    with conn.transaction():
        rows.lock_sequencer(conn)
        waiting = rows.waiting(conn, batch)
        if not waiting:
            return None
        newest = rows.newest_checkpoint(conn)
        size = newest.size if newest else 0
        held = rows.nodes_at(conn, edge(size))
        _check_edge(newest, rows.count_indices(conn), held)
        leaves = [leaf_hash(header) for _, header in waiting]
        growth = grow(size, held, leaves)
        checkpoint = sign(origin, size + len(leaves), growth.root, at, keys.signing_key())
        rows.insert_growth(conn, size, [entry for entry, _ in waiting], leaves, growth)
        rows.insert_checkpoint(conn, checkpoint)
        reach("sequence.before_commit")
    return checkpoint


def _check_edge(newest: Checkpoint | None, indices: int, held: Mapping[Place, bytes]) -> None:
    size = newest.size if newest else 0
    if indices != size:
        raise EvidenceBroken(f"the log has {indices} indices and a checkpoint over {size}; run `wye audit verify`")
    places = edge(size)
    whole = all(place in held for place in places)
    if newest and not (whole and edge_root([held[place] for place in places]) == newest.root):
        raise EvidenceBroken(f"the stored tree is not the one of checkpoint {size}; run `wye audit verify`")
