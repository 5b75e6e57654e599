"""Land a batch together with its audit entry: what was collected is on the record from the moment it is held."""

from collections.abc import Mapping
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.failpoints import reach
from wye.intake.land import Landed, land
from wye.ports import SourceRow
from wye.road.hub import Hub
from wye.vocabulary import EventKind


def land_batch(hub: Hub, source: str, stream: str, incoming: Mapping[UUID, SourceRow], *, cursor: str | None) -> Landed:
    """Land one batch of a source, with its audit entry (collection, with totals), in one transaction."""
    at = hub.at()
    with hub.conn.transaction():
        landed = land(hub.conn, hub.keys, source, stream, incoming, cursor=cursor, at=at)
        if landed.batch is not None:
            collected = Event(
                kind=EventKind.COLLECTION,
                at=at,
                actor=hub.actor,
                purpose=f"{source}.{stream}",
                counts={"rows": landed.read - landed.unchanged},
            )
            append(hub.conn, hub.keys, [collected], at)
        reach("land.before_commit")
    reach("land.after_commit")
    return landed
