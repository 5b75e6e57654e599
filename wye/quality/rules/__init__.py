"""List the row rules: each a small file with one pure function from a column of text to a column of failures.

A rule gets the column as text (null where the source holds nothing) and its arguments from the contract. It
answers with a boolean expression that is true where the row fails. A missing value fails `not_null` only.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from wye.quality.rules import (
    clean_text,
    date_not_before,
    date_not_default,
    date_not_future,
    email_address,
    integer,
    max_length,
    nhs_number,
    nino,
    not_before_column,
    not_null,
    not_null_when,
    one_of,
    pattern,
    person_name,
    postcode,
    street_in_full,
    telephone,
    upn,
    upn_authority,
    uprn,
)

Rule = Callable[[pl.Expr, Mapping[str, object]], pl.Expr]

_MODULES = (
    clean_text,
    date_not_before,
    date_not_default,
    date_not_future,
    email_address,
    integer,
    max_length,
    nhs_number,
    nino,
    not_before_column,
    not_null,
    not_null_when,
    one_of,
    pattern,
    person_name,
    postcode,
    street_in_full,
    telephone,
    upn,
    upn_authority,
    uprn,
)

RULES: Mapping[str, Rule] = MappingProxyType({module.__name__.rsplit(".", 1)[1]: module.failing for module in _MODULES})

EXAMPLES: Mapping[str, str] = MappingProxyType({module.__name__.rsplit(".", 1)[1]: module.RIGHT for module in _MODULES})
"""What would be right, in words for whoever mends the row, by rule; examples are invented."""
