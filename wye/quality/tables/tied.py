"""Expect a row to hang on a row that is there: an address of nobody, a payment on no package.

The tie itself is the column's `relationships` in the contract (ODCS 3.1), to the key of another stream of the source.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from wye.quality.tables.rule import ROWS, Aggregate, Batch, Expect, Expected, Look, Memory, TableRule


class Tied(TableRule):
    """Expect nearly every value of a column to be the key of a row that another stream holds."""

    column: str
    to: str
    """The stream; compiled from the column's relationship, never given as an argument."""
    at_most_share: Annotated[float, Field(ge=0, lt=1)] = 0
    """Of the rows that wait, how many may hang on nothing."""
    at_least: Annotated[int, Field(ge=0)] = 0
    """So many may always hang on nothing: what is entered while two streams are read, one after the other."""

    def columns(self) -> tuple[str, ...]:
        """Name the column."""
        return (self.column,)

    def count(self, batch: Batch, memory: Memory) -> Mapping[str, float]:
        """Count the rows that hang on nothing."""
        del memory
        keys = batch.frame.get_column(self.column).drop_nulls().to_list()
        return {self._figure: float(batch.unknown(self.to, keys)) if keys else 0.0}

    def expect(self, look: Look) -> Expected:
        """Expect few rows that hang on nothing."""
        if not look.rows:
            return Expected("no row waits")
        rows = look.figures[ROWS]
        allowed = max(float(self.at_least), self.at_most_share * rows)
        return Expected(
            f"rows whose `{self.column}` is no key that `{self.to}` holds",
            (Expect(self._figure, Aggregate.SUM, None, allowed),),
        )

    @property
    def _figure(self) -> str:
        return f"untied {self.column}"
