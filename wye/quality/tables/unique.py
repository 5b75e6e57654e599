"""Expect that no two rows that wait share a value that belongs to one: an NHS number on two people's records."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import polars as pl
from pydantic import Field

from wye.quality.tables.rule import ROWS, Aggregate, Batch, Expect, Expected, Look, Memory, TableRule
from wye.quality.tables.seen import Seen


class Unique(TableRule):
    """Expect the values of one or more columns, taken together, to be unique where all of them are there."""

    of: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    """Names of the columns."""
    at_most_share: Annotated[float, Field(ge=0, lt=1)] = 0
    """Of the rows that wait: systems with duplicate records repeat a few."""

    def columns(self) -> tuple[str, ...]:
        """Name the columns."""
        return self.of

    def memory(self) -> Memory:
        """Remember digests of what was seen: eight bytes a row."""
        return Seen()

    def count(self, batch: Batch, memory: Memory) -> Mapping[str, float]:
        """Count the rows whose values were seen before."""
        if not isinstance(memory, Seen):
            raise TypeError
        there = batch.frame.select(self.of).drop_nulls()
        digests = there.select(pl.struct(self.of).hash(seed=7)).to_series().to_numpy() if there.height else np.empty(0)
        return {self._figure: memory.repeats(digests.astype(np.uint64))}

    def expect(self, look: Look) -> Expected:
        """Expect no more repeats than the share allows."""
        if not look.rows:
            return Expected("no row waits")
        rows = look.figures[ROWS]
        return Expected(
            "rows that repeat another's value",
            (Expect(self._figure, Aggregate.SUM, None, self.at_most_share * rows),),
        )

    @property
    def _figure(self) -> str:
        return f"repeated {'+'.join(self.of)}"
