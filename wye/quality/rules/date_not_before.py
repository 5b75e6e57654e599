"""Refuse a day too long ago to be true: 1900-01-01 is how systems spell "unknown"."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from wye.quality.rules.day import as_day

RIGHT = "The real day, such as 14 March 1952; if nobody knows it, leave it empty rather than 1 January 1900."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is no day, or before 1 January of `year`."""
    day = as_day(column, arguments)
    first = date(int(str(arguments["year"])), 1, 1)
    return column.is_not_null() & (day.is_null() | (day < pl.lit(first)))
