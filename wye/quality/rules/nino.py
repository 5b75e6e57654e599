"""Refuse a National Insurance number of impossible form (HMRC: two letters, six digits, suffix A to D or none)."""

from collections.abc import Mapping

import polars as pl

RIGHT = "Two letters, six digits, one letter A to D, such as AB 12 34 56 C; never one that begins BG, GB, NK, KN, TN, NT or ZZ."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where letters, digits or prefix are not those HMRC issues."""
    del arguments
    bare = column.str.replace_all(" ", "").str.to_uppercase()
    form = bare.str.contains(r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?$").not_()
    barred = bare.str.contains(r"^(?:BG|GB|NK|KN|TN|NT|ZZ)")
    return form | barred
