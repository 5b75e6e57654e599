"""Refuse what is no whole number."""

from collections.abc import Mapping

import polars as pl

RIGHT = "A whole number in digits alone, such as 4711."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is not digits with an optional sign."""
    del arguments
    return column.str.contains(r"^[+-]?[0-9]+$").not_()
