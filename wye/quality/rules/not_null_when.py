"""Refuse a row without a value that its kind of row must have: a claimant has a National Insurance number, a baby has none."""

from collections.abc import Mapping

import polars as pl

RIGHT = "A value, as the person gave it: for this kind of row there is one."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where nothing is held, or only spaces, and `column` holds one of `values`."""
    values = arguments["values"]
    kinds = [str(value) for value in values] if isinstance(values, list) else []
    asked = pl.col(str(arguments["column"])).is_in(kinds)
    return asked & (column.is_null() | (column.str.strip_chars() == ""))
