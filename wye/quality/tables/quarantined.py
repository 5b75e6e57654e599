"""Expect most rows to be good: when a large share fails the row rules, it is the feed that is wrong, not the rows."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from wye.quality.tables.rule import ROWS, Aggregate, Batch, Expect, Expected, Look, Memory, TableRule

QUARANTINED = "quarantined"


class Quarantined(TableRule):
    """Expect that no more than a share of the rows that wait fails a row rule."""

    at_most_share: Annotated[float, Field(gt=0, lt=1)]
    at_least: Annotated[int, Field(ge=1)] = 50
    """Of fewer rows, no share is taken: one bad row of three is one bad row."""

    def count(self, batch: Batch, memory: Memory) -> Mapping[str, float]:
        """Count the rows that fail."""
        del memory
        return {QUARANTINED: float(batch.quarantined())}

    def expect(self, look: Look) -> Expected:
        """Expect few of them."""
        if look.rows < self.at_least:
            return Expected("too few rows wait for a share to say anything")
        rows = look.figures[ROWS]
        return Expected(
            "share of rows that fail a row rule",
            (Expect(QUARANTINED, Aggregate.SUM, None, self.at_most_share * rows, lambda count: count / rows),),
        )
