"""Say what a table rule is: it counts what waits, batch by batch, and says between which bounds the counts must lie.

A rule is a frozen model of its arguments (unknown ones are refused) with three pure methods. What it counts are
figures by name: numbers, and names of columns; never a value. Great Expectations is handed the figures, not the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict

from wye.vocabulary import Dimension, Severity

ROWS, DELETED = "rows", "deleted"
"""Figures of every batch: rows that are there (their newest version), and rows that the source no longer holds."""

PRESENT, REPEATED = "present", "repeated"
"""Figures of the stream: rows that its system holds now, and rows whose key came twice in one read."""

NEWEST = "newest"
"""Peak of every batch: when its newest row last changed, in seconds since 1970; the stream's newest ever, if later."""


class Aggregate(StrEnum):
    """Name how the batches' figures become one."""

    SUM = "sum"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Expect:
    """Expect one aggregate of a figure to lie between bounds (both inclusive; none is open)."""

    figure: str
    aggregate: Aggregate
    low: float | None
    high: float | None
    show: Callable[[float], float] = float
    """Turn a figure into what people read: a count into a share, a time into an age."""
    turned: bool = False
    """Whether what is shown falls as the figure rises: then the low bound is shown as the high one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Hold what a rule expects now, and its words. With nothing to expect, the words say why."""

    said: str
    expects: tuple[Expect, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Hold what one waiting batch shows to rules: only the columns that some rule names, as text.

    Most sensitive class passing through: whatever the source holds.
    """

    frame: pl.DataFrame
    at: datetime
    quarantined: Callable[[], int]
    """Count the rows that a row rule sends to quarantine."""
    unknown: Callable[[str, Sequence[str]], int]
    """Count the keys, one per row, that a stream of the same source (by name) does not hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """Hold what all that waits of one stream comes to, and what came before."""

    figures: Mapping[str, float]
    """The batches' figures, summed; peaks are the largest."""
    history: Sequence[Mapping[str, float]]
    """Figures of earlier looks that were accepted, newest first, back to the last release by a person."""
    whole: bool
    """Whether the last read came to its end: what is missing from a part of a read is not missing from the source."""
    at: datetime

    @property
    def rows(self) -> float:
        """Give the number of rows that wait."""
        return self.figures.get(ROWS, 0)


class Memory:
    """Be what one rule remembers from batch to batch of one look; most remember nothing."""


class TableRule(BaseModel):
    """Be the arguments of one table rule, as its contract gives them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    deletions_only: ClassVar[bool] = False
    """Whether it holds only batches with deletions: what the source does show is as true as ever."""

    def columns(self) -> tuple[str, ...]:
        """Name the columns that it looks at."""
        return ()

    def memory(self) -> Memory:
        """Begin a look."""
        return Memory()

    def count(self, batch: Batch, memory: Memory) -> Mapping[str, float]:
        """Count its figures in one batch."""
        del batch, memory
        return {}

    def peak(self, batch: Batch) -> Mapping[str, float]:
        """Find the largest of its figures that are not counts."""
        del batch
        return {}

    def expect(self, look: Look) -> Expected:
        """Say between which bounds the figures must lie."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class NamedRule:
    """Hold one table rule of a contract with its name, its dimension and what a failure does."""

    name: str
    kind: str
    rule: TableRule
    dimension: Dimension
    severity: Severity
    """`error` holds what waits, `warning` lets it pass and says so."""
