"""Refuse an NHS number that cannot be one: matching on a wrong number joins two people's records.

Source: NHS Data Dictionary, NHS NUMBER: modulus 11, weights 10 to 2. Systems that keep it as a number lose a
leading zero, so nine digits are read as ten. Ten equal digits pass the arithmetic and are refused.
"""

from collections.abc import Mapping

import polars as pl

RIGHT = "Ten digits of which the last checks the others, such as 943 476 5919; read it back to the person, or trace it."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the ten digits have a wrong check digit, are all equal, or are not digits."""
    del arguments
    bare = column.str.replace_all(r"[\s-]", "")
    number = bare.str.zfill(10)
    digit = [number.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(10)]
    total = pl.sum_horizontal([digit[place] * (10 - place) for place in range(9)])
    check = (11 - total % 11) % 11
    malformed = bare.str.contains(r"^[0-9]{9,10}$").not_()
    repeated = pl.any_horizontal([number == str(each) * 10 for each in range(10)])
    wrong = (check != digit[9]).fill_null(True)
    return pl.when(column.is_null()).then(None).otherwise(malformed | repeated | wrong)
