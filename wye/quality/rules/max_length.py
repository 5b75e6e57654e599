"""Refuse a value longer than its column can hold: it was cut, or it is not what it says."""

from collections.abc import Mapping

import polars as pl

RIGHT = "No more characters than the field holds: look for two values typed into one."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value has more than `n` characters."""
    return column.str.len_chars() > pl.lit(int(str(arguments["n"])))
