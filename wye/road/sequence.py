"""Give staged audit entries their place in the log, under a signed checkpoint."""

from wye.audit.checkpoint import origin_of
from wye.audit.outside import KeptCheckpoints
from wye.audit.sequencer import sequence as sequence_batch
from wye.road.hub import Hub
from wye.road.witness import ask_witnesses
from wye.store.database import connect


def sequence(hub: Hub) -> dict[str, int]:
    """Sequence as the sequencer's login until nothing is staged; gives the size of the log, 0 if nothing was staged.

    Before that it compares the log with the checkpoints kept beside the keys, ours and what partners gave back, and, the first time in a hub's life, with
    its witnesses. Raises EvidenceBroken, and sequences nothing, if an older or another log was put in its place.
    """
    origin, kept = origin_of(hub.settings.council), KeptCheckpoints(hub.settings.keys)
    size = 0
    with connect(hub.sequencer_url) as conn:
        kept.check(conn, hub.keys, origin)
        if not hub.log_is_ours:
            ask_witnesses(conn, hub)
            hub.log_is_ours = True
        while (checkpoint := sequence_batch(conn, hub.keys, origin, hub.at())) is not None:
            size = checkpoint.size
            kept.keep(checkpoint.note)
    return {"size": size}
