"""Expect about as many rows as there were: half a table that came as if it were whole, or one that came twice.

The rows are those that the system holds now (`intake.present`), so that a read of changes only is as good as a full one.
"""

from statistics import median
from typing import Annotated

from pydantic import Field, model_validator

from wye.quality.tables.rule import PRESENT, Aggregate, Expect, Expected, Look, TableRule


class RowCount(TableRule):
    """Compare the rows that the system holds with the median of earlier reads, with fixed bounds, or with both."""

    at_least_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Of the median: 0.8 is a fifth fewer."""
    at_most_share: Annotated[float, Field(gt=1)] | None = None
    margin: Annotated[int, Field(ge=0)] = 100
    """So many more or fewer are always normal: of a small table, a few rows are a large share."""
    history: Annotated[int, Field(ge=1, le=100)] = 10
    """How many earlier reads are looked at."""
    at_least: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _bounded(self) -> "RowCount":
        if (self.at_least_share, self.at_most_share, self.at_least, self.at_most) == (None, None, None, None):
            raise ValueError("needs a bound")
        return self

    def expect(self, look: Look) -> Expected:
        """Expect the rows present between what the median and the fixed bounds allow."""
        if not look.whole:
            return Expected("the read did not come to its end: rows are not counted")
        counts = [figures[PRESENT] for figures in look.history[: self.history] if PRESENT in figures]
        usual = median(counts) if counts else None
        by_share = self.at_least_share is not None or self.at_most_share is not None
        lows: list[float | None] = [self.at_least]
        highs: list[float | None] = [self.at_most]
        if usual is not None and self.at_least_share is not None:
            lows.append(max(0.0, min(usual * self.at_least_share, usual - self.margin)))
        if usual is not None and self.at_most_share is not None:
            highs.append(max(usual * self.at_most_share, usual + self.margin))
        low = max((each for each in lows if each is not None), default=None)
        high = min((each for each in highs if each is not None), default=None)
        if low is None and high is None:
            return Expected("no history yet")
        said = "rows that the system holds" + ("; no history yet" if by_share and usual is None else "")
        return Expected(said, (Expect(PRESENT, Aggregate.MAX, low, high),))
