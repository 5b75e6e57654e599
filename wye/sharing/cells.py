"""Hold exact counts of people in cells, the sums that tie them, and which of them are hidden: never published as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Cell = frozenset[tuple[str, str]]
"""Which people: a value for each dimension that it names; those that it does not name are summed over."""
Person = Mapping[str, str]
"""One person: of each dimension, the one category to which they belong."""
RESIDUAL = "(other or not known)"
"""A category that every dimension has, empty or not: so each person is in exactly one category, and totals are sums."""


class Hidden(StrEnum):
    """Say why a number is not told."""

    SMALL = "small"
    BESIDE = "beside-small"
    """Hidden so that a small one cannot be worked out."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Say that one cell is the sum of others."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Give all of it."""
        return (self.total, *self.parts)


@dataclass(frozen=True, slots=True)
class Counted:
    """Hold exact counts: never published. Cells of all tables, those that tables share once."""

    cells: Mapping[Cell, int]
    sums: tuple[Sum, ...]
