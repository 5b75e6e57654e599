"""Refuse a Unique Pupil Number that cannot be one: a wrong one joins a child to another's schooling.

Source: DfE, Unique pupil numbers: check letter, local authority (3), school (4), year (2), serial (3), the last of
which is a letter in a temporary number. Weights 2 to 13, modulus 23, letters without I, O and S. Whether the local
authority is one is `upn_authority`'s question: lists of authorities grow old.
"""

from collections.abc import Mapping

import polars as pl

RIGHT = "Thirteen characters: a check letter, then the authority, school, year and serial number; a temporary one ends in a letter."

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_LENGTH = 13
_FORM = f"^[{LETTERS}][0-9]{{11}}[0-9{LETTERS}]$"
_VALUES = {letter: place for place, letter in enumerate(LETTERS)} | {str(digit): digit for digit in range(10)}


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where form or check letter is wrong; a temporary number passes."""
    del arguments
    bare = bare_upn(column)
    letter = [
        bare.str.slice(place, 1).replace_strict(_VALUES, default=None, return_dtype=pl.Int32)
        for place in (0, _LENGTH - 1)
    ]
    digit = [bare.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(1, _LENGTH - 1)]
    value = [letter[0], *digit, letter[1]]
    total = pl.sum_horizontal([value[place] * (place + 1) for place in range(1, _LENGTH)])
    wrong = (total % len(LETTERS) != value[0]).fill_null(value=True)
    return pl.when(column.is_null()).then(None).otherwise(bare.str.contains(_FORM).not_() | wrong)


def bare_upn(column: pl.Expr) -> pl.Expr:
    """Write a UPN without spaces, in capitals."""
    return column.str.replace_all(" ", "").str.to_uppercase()
