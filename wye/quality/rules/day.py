"""Read a column of text as days, in the form that the contract names."""

from collections.abc import Mapping

import polars as pl


def as_day(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Read the day by `format` (strptime; ISO 8601 if none is named, and then any time part is left off); null if unreadable."""
    form = arguments.get("format")
    if form is None:
        return column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return column.str.to_date(str(form), strict=False)
