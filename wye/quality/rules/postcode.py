"""Refuse a postcode of impossible form: it would place a person nowhere."""

from collections.abc import Mapping

import polars as pl

RIGHT = "A full postcode, such as HR1 2AB: outward code, then a digit and two letters."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is neither outward plus inward code nor GIR 0AA; inward letters are never C I K M O V."""
    del arguments
    bare = column.str.to_uppercase().str.replace_all(" ", "")
    return bare.str.contains(r"^(?:[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][ABD-HJLNP-UW-Z]{2}|GIR0AA)$").not_()
