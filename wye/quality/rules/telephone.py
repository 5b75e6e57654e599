"""Refuse what nobody can dial, and numbers that are nobody's: a wrong number reaches a stranger, or joins two people.

Source: the library phonenumbers (Google's, with Ofcom's plan), region GB where no country is written. It judges the
length and not whether a range is in use, since ranges open faster than it learns of them. Ofcom's numbers for drama,
and keys held down or pressed in a row, are of the right length and belong to nobody.
"""

from collections.abc import Mapping

import polars as pl

RIGHT = "A number with its area code, such as 01432 followed by six digits, or with its country, such as +353 ...; one to a field."

UK = r"^(?:(?:\+|00)440?|0)([1237][0-9]{9})$"
"""Nearly every number: ten digits that stand for a landline, a non-geographic or a mobile number, always of the right length."""

NOBODYS = (
    r"^(?:1(?:1[3-8]|[2-6]1)4960|1914980|1632960|2079460|2896496|2920180|3069990|7700900|8081570|9098790)[0-9]{3}$"
    r"|^[0-9]?(?:0{9}|1{9}|2{9}|3{9}|4{9}|5{9}|6{9}|7{9}|8{9}|9{9})$"
    r"|^7?123456789[0-9]?$"
)
"""National numbers: Ofcom's for drama, one digit nine times, and the row of keys."""


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the value is no possible number, or one that is nobody's."""
    del arguments
    bare = column.str.replace_all(r"[ ().-]", "")
    plain = bare.str.contains(UK)
    nobodys = bare.str.extract(UK, 1).str.contains(NOBODYS)
    odd = pl.when(plain).then(None).otherwise(column).map_batches(_judged, return_dtype=pl.Boolean)
    return pl.when(column.is_null()).then(None).when(plain).then(nobodys).otherwise(odd)


def _judged(values: pl.Series) -> pl.Series:
    """Ask the library once for each distinct value."""
    verdicts = {value: _wrong(value) for value in values.unique().drop_nulls().to_list()}
    return pl.Series(values.name, [verdicts.get(value) for value in values.to_list()], dtype=pl.Boolean)


def _wrong(value: str) -> bool:
    import re

    import phonenumbers

    try:
        number = phonenumbers.parse(value, "GB")
    except phonenumbers.NumberParseException:
        return True
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return True
    national = str(number.national_number)
    return number.country_code == 44 and re.search(NOBODYS, national) is not None  # noqa: PLR2004  the United Kingdom
