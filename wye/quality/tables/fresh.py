"""Expect something new now and then: a replica that stopped, or yesterday's file once more, looks like a quiet day."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import polars as pl
from pydantic import Field

from wye.quality.rules.day import as_day
from wye.quality.tables.rule import NEWEST, Aggregate, Batch, Expect, Expected, Look, TableRule

HOUR = 3600


class Fresh(TableRule):
    """Expect the newest row, by when it last changed or by a column of days, to be young enough.

    A day in the future says nothing about how fresh the rows are, and is passed over.
    """

    hours: Annotated[int, Field(ge=1)]
    column: str | None = None
    format: str | None = None
    """Of the column's days (strptime); ISO 8601 if none."""

    def columns(self) -> tuple[str, ...]:
        """Name the column, if it looks at one."""
        return () if self.column is None else (self.column,)

    def peak(self, batch: Batch) -> Mapping[str, float]:
        """Find the newest day of the column that is not in the future: its last second."""
        if self.column is None:
            return {}
        days = batch.frame.select(as_day(pl.col(self.column), {"format": self.format})).to_series()
        newest = days.filter(days <= batch.at.date()).max()
        end = pl.Series([newest], dtype=pl.Date).cast(pl.Datetime("ms", "UTC")).dt.epoch("s").item()
        return {} if end is None else {self._figure: float(end) + 24 * HOUR - 1}

    def expect(self, look: Look) -> Expected:
        """Expect the newest row not to be older than its hours."""
        if self._figure not in look.figures:
            return Expected("nothing has come yet that says how fresh it is")
        now = look.at.timestamp()
        earliest = (look.at - timedelta(hours=self.hours)).timestamp()
        said = (
            "hours since the newest row changed" if self.column is None else f"hours since the newest `{self.column}`"
        )
        expect = Expect(
            self._figure, Aggregate.MAX, earliest, None, lambda second: max(0.0, (now - second) / HOUR), turned=True
        )
        return Expected(said, (expect,))

    @property
    def _figure(self) -> str:
        return NEWEST if self.column is None else f"newest {self.column}"
