"""Refuse a code that is not in its list: an unknown code must not be guessed at."""

from collections.abc import Mapping

import polars as pl

RIGHT = "One of the codes that the contract lists for this column."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is none of `values`."""
    values = arguments["values"]
    allowed = [str(value) for value in values] if isinstance(values, list) else []
    return column.is_in(allowed).not_()
