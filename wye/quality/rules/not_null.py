"""Refuse a row without a value: a person without a surname cannot be matched safely."""

from collections.abc import Mapping

import polars as pl

RIGHT = "A value, as the person gave it; if it is truly not known, find out from the service that knows the person."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where nothing is held, or only spaces."""
    del arguments
    return column.is_null() | (column.str.strip_chars() == "")
