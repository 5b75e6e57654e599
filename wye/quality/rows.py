"""Keep the SQL of table checks: numbers and names only."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, cast

from wye.store.database import Connection


class Latest(NamedTuple):
    """Hold what the latest look at one stream found about one rule."""

    source: str
    stream: str
    rule: str
    dimension: str
    severity: str
    outcome: str
    observed: float | None
    low: float | None
    high: float | None
    said: str
    checked_at: datetime


def latest(conn: Connection) -> list[Latest]:
    """List every rule's result in the latest look at each stream."""
    found = conn.execute(
        "SELECT c.source, c.stream, r.rule, r.dimension, r.severity, r.outcome, r.observed, r.low, r.high, r.said, c.checked_at"
        " FROM (SELECT DISTINCT ON (source, stream) * FROM quality.table_check ORDER BY source, stream, id DESC) c"
        " JOIN quality.check_result r ON r.table_check = c.id ORDER BY c.source, c.stream, r.rule"
    )
    return [
        Latest._make(cast("tuple[str, str, str, str, str, str, float, float, float, str, datetime]", row))
        for row in found
    ]


def held(conn: Connection) -> list[Mapping[str, object]]:
    """List the batches that are held, with why and since when they have been here."""
    found = conn.execute(
        "SELECT source, stream, batch, held_reason, landed_at FROM intake.batch WHERE state = 'held'"
        " ORDER BY source, stream, batch"
    )
    names = ("source", "stream", "batch", "reason", "landed_at")
    return [dict(zip(names, row, strict=True)) for row in found]
