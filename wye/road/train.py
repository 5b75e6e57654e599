"""Learn a candidate of the linkage model: what an orchestrator asks for at night, and a steward at any time.

Nothing is put in force by it: another model moves people, so somebody does that, on the record (road/model.py).
"""

from dataclasses import dataclass
from uuid import UUID

from wye.errors import UsageError
from wye.identity import block_rows, feature_rows, model_rows
from wye.road.hub import Hub


@dataclass(frozen=True, slots=True)
class Trained:
    """Tell what was learnt from how many records; no version if there was nothing new to learn from."""

    records: int
    version: UUID | None


def train(hub: Hub, *, always: bool = False) -> Trained:
    """Learn a version if records have grown enough since the last one, or whenever asked; raises UsageError."""
    from wye.identity.training import ENOUGH, FEWEST, GROWTH
    from wye.identity.training import train as learn

    records = block_rows.count(hub.conn)
    newest = model_rows.versions(hub.conn)[-1:]
    if not always and records < max(ENOUGH, *(GROWTH * version.records for version in newest)):
        return Trained(records, None)
    features = feature_rows.features(hub.conn).drop(feature_rows.COUNTS)
    if features.filter(~features["sealed"]).height < FEWEST:
        raise UsageError(f"cannot learn from `{features.height}` records; at least {FEWEST} are needed")
    learnt = learn(features)
    with hub.conn.transaction():
        version = model_rows.keep(hub.conn, learnt, hub.at())
    return Trained(records, version)
