"""Refuse what cannot be a Unique Property Reference Number: one to twelve digits, not zero."""

from collections.abc import Mapping

import polars as pl

RIGHT = "The property's number in the gazetteer: 1 to 12 digits, such as 100121234567."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is not 1 to 12 digits, or is all zeros."""
    del arguments
    return column.str.contains(r"^0*[1-9][0-9]{0,11}$").not_() | (column.str.len_chars() > pl.lit(12))
