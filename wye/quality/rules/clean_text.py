"""Refuse text that no keyboard makes: NUL, control characters, and the mark of a broken character.

PostgreSQL cannot hold a NUL, and a lone surrogate (replaced by U+FFFD at the reading edge) means bytes were lost.
"""

from collections.abc import Mapping

import polars as pl

RIGHT = (
    "Retype the text without what was pasted into it: letters, digits, punctuation, spaces, such as `Zoë O'Brien-Ng`."
)


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where a control character other than tab and line ends, or U+FFFD, stands in the text."""
    del arguments
    return column.str.contains(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fffd}]")
