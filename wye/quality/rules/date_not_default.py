"""Doubt 1 January: it is how an estimated or unknown birth date is entered. One true date in 365 is doubted with them."""

from collections.abc import Mapping

import polars as pl

from wye.quality.rules.day import as_day

RIGHT = "The day on the birth certificate; where it truly is 1 January, nothing is wrong."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the day is the first of a year."""
    return as_day(column, arguments).dt.ordinal_day() == 1
