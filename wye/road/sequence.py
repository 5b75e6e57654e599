"""Give staged audit entries their place in the log, under a signed checkpoint."""

from wye.audit.checkpoint import origin_of
from wye.audit.sequencer import sequence as sequence_batch
from wye.road.hub import Hub


def sequence(hub: Hub) -> dict[str, int]:
    """Sequence until nothing is staged; gives the size of the log, 0 if nothing was staged."""
    size = 0
    while (checkpoint := sequence_batch(hub.conn, hub.keys, origin_of(hub.settings.council), hub.at())) is not None:
        size = checkpoint.size
    return {"size": size}
