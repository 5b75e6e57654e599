"""Refuse a day before the day that must come first: nobody died before being born."""

from collections.abc import Mapping

import polars as pl

from wye.quality.rules.day import as_day

RIGHT = "The two days in their order, such as born 14 March 1952, died 2 May 2026: they may stand in each other's box."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is earlier than the day in `column` (of the form `other_format`, if that is another)."""
    other = arguments.get("other_format")
    first = as_day(pl.col(str(arguments["column"])), arguments if other is None else {"format": other})
    return as_day(column, arguments) < first
