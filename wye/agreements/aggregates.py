"""Say what an agreement on open data may say of its numbers: which tables, and from how small a number on they are hidden."""

from typing import Annotated

from pydantic import Field

from wye.agreements.part import Name, Part, Text
from wye.small_numbers import LEAST, STEP

Dimension = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]

MOST_DIMENSIONS = 2
"""In one table: with more, whether a hidden number can be found is no longer answered surely in reasonable time."""


class Table(Part):
    """Be one table: people counted by one or two dimensions, with all its totals."""

    id: Name
    by: Annotated[tuple[Dimension, ...], Field(min_length=1, max_length=MOST_DIMENSIONS)]
    justification: Text


class Aggregates(Part):
    """Say which numbers are published, and from how small a number on they are hidden."""

    minimum: Annotated[int, Field(ge=LEAST, le=1000)]
    """Fewer people than this are never told, nought included."""
    round_to: Annotated[int, Field(ge=STEP, le=100)]
    licence: Text
    tables: Annotated[tuple[Table, ...], Field(min_length=1, max_length=8)]
