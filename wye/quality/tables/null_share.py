"""Expect a column to be empty about as often as before: a field that a new release of a system stopped filling."""

from collections.abc import Mapping
from typing import Annotated

import polars as pl
from pydantic import Field

from wye.quality.tables.history import share_before
from wye.quality.tables.rule import ROWS, Aggregate, Batch, Expect, Expected, Look, Memory, TableRule


class NullShare(TableRule):
    """Compare the share of rows without a value with that of earlier reads."""

    column: str
    change: Annotated[float, Field(gt=0, lt=1)]
    """By how much the share may differ: 0.1 lets a fifth become three tenths, or one tenth."""
    at_least: Annotated[int, Field(ge=1)] = 200
    """Fewer rows say nothing about shares."""

    def columns(self) -> tuple[str, ...]:
        """Name the column."""
        return (self.column,)

    def count(self, batch: Batch, memory: Memory) -> Mapping[str, float]:
        """Count the rows that hold nothing, or only spaces."""
        del memory
        column = pl.col(self.column)
        missing = batch.frame.select((column.is_null() | (column.str.strip_chars() == "")).sum())
        return {self._figure: float(missing.item())}

    def expect(self, look: Look) -> Expected:
        """Expect the share to be near what it was."""
        if look.rows < self.at_least:
            return Expected("too few rows wait for a share to say anything")
        usual = share_before(look.history, self._figure, self.at_least)
        if usual is None:
            return Expected("no history yet")
        rows = look.figures[ROWS]
        low, high = max(0.0, usual - self.change) * rows, min(1.0, usual + self.change) * rows
        return Expected(
            f"share of rows without `{self.column}`",
            (Expect(self._figure, Aggregate.SUM, low, high, lambda count: count / rows),),
        )

    @property
    def _figure(self) -> str:
        return f"empty {self.column}"
