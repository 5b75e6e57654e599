"""Refuse a day that has not come, or that is no day: nobody was born tomorrow.

The day that counts as today is the batch's own: an argument that the engine adds, so that the rule has no clock.
"""

from collections.abc import Mapping

import polars as pl

from wye.quality.rules.day import as_day

RIGHT = (
    "A day of the calendar that has come, such as 14 March 1952: check the century and that the month has such a day."
)


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is no day, or later than `today` (a date that the engine hands in)."""
    day = as_day(column, arguments)
    return column.is_not_null() & (day.is_null() | (day > pl.lit(arguments["today"])))
