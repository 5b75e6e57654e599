"""Expect each code of a column about as often as before: a mapping that broke turns everybody into one code."""

from collections.abc import Mapping
from typing import Annotated

import polars as pl
from pydantic import Field

from wye.quality.tables.history import share_before
from wye.quality.tables.rule import ROWS, Aggregate, Batch, Expect, Expected, Look, Memory, TableRule


class ValueShare(TableRule):
    """Compare the share of each of a column's codes with that of earlier reads.

    The codes are those that the contract lists, and figures name them by their place in it: no value is kept.
    """

    column: str
    values: Annotated[tuple[str, ...], Field(min_length=1, max_length=50, strict=False)]
    change: Annotated[float, Field(gt=0, lt=1)]
    at_least: Annotated[int, Field(ge=1)] = 200

    def columns(self) -> tuple[str, ...]:
        """Name the column."""
        return (self.column,)

    def count(self, batch: Batch, memory: Memory) -> Mapping[str, float]:
        """Count the rows with each code."""
        del memory
        column = pl.col(self.column)
        counts = batch.frame.select((column == value).sum().alias(str(n)) for n, value in enumerate(self.values))
        return {self._figure(n): float(counts.item(0, n)) for n in range(len(self.values))}

    def expect(self, look: Look) -> Expected:
        """Expect each code's share to be near what it was."""
        if look.rows < self.at_least:
            return Expected("too few rows wait for a share to say anything")
        rows = look.figures[ROWS]
        expects = []
        for n in range(len(self.values)):
            usual = share_before(look.history, self._figure(n), self.at_least)
            if usual is None:
                return Expected("no history yet")
            low, high = max(0.0, usual - self.change) * rows, min(1.0, usual + self.change) * rows
            expects.append(Expect(self._figure(n), Aggregate.SUM, low, high, lambda count: count / rows))
        return Expected(f"share of the code of `{self.column}` that moved most", tuple(expects))

    def _figure(self, place: int) -> str:
        return f"code {place + 1} of {self.column}"
