"""Refuse what no letter reaches: a wrong address sends a person's affairs to nobody, or to a stranger.

Source: the library email-validator (RFC 5321, 5322, 6531; names that RFC 6761 sets aside are refused), without
asking the network whether the domain is there.
"""

from collections.abc import Mapping

import polars as pl

RIGHT = "One whole address, such as ash.hollowell@mail.example; no name beside it, and no second address."

PLAIN = r"^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}$"
SET_ASIDE = r"(?i)\.(?:arpa|invalid|local|localhost|onion|test)$"
SHORT = 60
"""Characters: no part of an address as short as this is longer than the standards allow."""


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is not one address."""
    del arguments
    short = column.str.len_chars() <= pl.lit(SHORT)
    plain = column.str.contains(PLAIN) & short & column.str.contains(SET_ASIDE).not_()
    odd = pl.when(plain).then(None).otherwise(column).map_batches(_judged, return_dtype=pl.Boolean)
    return pl.when(column.is_null()).then(None).when(plain).then(statement=False).otherwise(odd)


def _judged(values: pl.Series) -> pl.Series:
    """Ask the library once for each distinct value."""
    verdicts = {value: _wrong(value) for value in values.unique().drop_nulls().to_list()}
    return pl.Series(values.name, [verdicts.get(value) for value in values.to_list()], dtype=pl.Boolean)


def _wrong(value: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(value.strip(), check_deliverability=False)
    except EmailNotValidError:
        return True
    return False
