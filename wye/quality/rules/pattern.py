"""Refuse a value that is not of the form that its system promises."""

from collections.abc import Mapping

import polars as pl

RIGHT = "A value of the form that the contract describes for this column."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the whole value does not match `regex`."""
    return column.str.contains(f"^(?:{arguments['regex']})$").not_()
