"""Count streets written short: `Rd` and `Road` are one street that no machine joins (BS7666 writes names in full)."""

from collections.abc import Mapping

import polars as pl

RIGHT = "The street as the gazetteer writes it, such as 12 Church Road."

_SHORT = r"(?i) (?:Ave|Cl|Cres|Ct|Dr|Gdns|Gr|Ln|Pl|Rd|St|Terr)\.?(?:,|$)"


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the address, or a part of it before a comma, ends in a shortened word for street."""
    del arguments
    return column.str.contains(_SHORT)
