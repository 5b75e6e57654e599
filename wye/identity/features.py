"""Normalise what linking compares: names, dates, numbers and places, a whole column at a time.

Pure. An NHS number serves linking where a source of health or care tells it (match_keys.py); a NINO never does (not a
match key for care or police flows) and a UPN never does (education only), so neither is read. Most sensitive class:
identifier.
"""

from functools import cache
from pathlib import Path

import polars as pl
import yaml

from wye.identity.match_keys import tellers

UNIT, GROUP = "\x1f", "\x1e"
"""Separators of the raw lists: fields inside one address, and items of one list."""

COLUMNS = (
    "record", "source", "given", "known_as", "middle", "family", "birth_date", "sex", "nhs_number",
    "postcodes", "homes", "address_words", "phones", "emails", "duplicates", "sealed",
)  # fmt: skip
"""The columns of `identity.feature` by name."""

RAW = {
    "record": pl.String,
    "source": pl.String,
    "given_name": pl.String,
    "middle_names": pl.String,
    "family_name": pl.String,
    "birth_date": pl.String,
    "sex": pl.String,
    "nhs_number": pl.String,
    "addresses": pl.String,
    "phones": pl.String,
    "emails": pl.String,
    "duplicates": pl.String,
    "sealed": pl.Boolean,
}
"""What `normalise` takes: one row to a record; `addresses` are `postcode UNIT lines`, lists are parted by GROUP."""

POSTCODE = r"^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$"
PLACEHOLDER_NAMES = (
    "UNKNOWN", "NOTKNOWN", "NOTGIVEN", "NOTSTATED", "NONE", "NK", "NA", "TBC", "TBA", "UNNAMED", "ANON", "ANONYMOUS",
    "XXX", "XXXX", "TEST", "TESTER", "TESTING", "SAMPLE", "DUMMY", "DONOTUSE", "DELETED", "DUPLICATE", "NOSURNAME", "NONAME", "SURNAME", "BABY", "INFANT", "UNBORN", "MALE", "FEMALE", "OCCUPIER",
)  # fmt: skip
"""Words that stand in name boxes so that a form can be saved."""
UNDECOMPOSED = ["Ł", "Ø", "ß", "Đ", "Æ", "Œ", "Ð", "Þ"], ["L", "O", "SS", "D", "AE", "OE", "D", "TH"]
STREET_TYPES = (
    "STREET", "ROAD", "AVENUE", "CLOSE", "CRESCENT", "DRIVE", "LANE", "GARDENS", "TERRACE", "COURT", "PLACE", "GROVE",
    "AVE", "CRES", "GDNS", "TERR", "FLAT", "THE", "AND",
)  # fmt: skip
"""Words that half of all addresses hold, in full or cut short."""
MISREAD = ["0", "1", "5", "8"], ["O", "L", "S", "B"]
"""Digits that scanners read for letters in names."""
PLACEHOLDER_BIRTHS = ("1900-01-01", "1899-12-30", "1753-01-01", "9999-12-31")
"""Days that systems write when they know none."""


@cache
def nicknames() -> dict[str, str]:
    """Read the list of short names: each to the name that it stands for."""
    found: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "nicknames.yaml").read_text())
    return {short: full for full, shorts in found.items() for short in shorts}


def normalise(raw: pl.DataFrame, postcode: str = POSTCODE) -> pl.DataFrame:
    """Turn raw columns into features, in the order of COLUMNS; what is empty or impossible becomes null.

    `postcode` is the pattern of a postcode without blanks: that of the United Kingdom unless the records are of elsewhere.
    """
    words, names, made = _expressions(postcode)
    return raw.lazy().with_columns(words).with_columns(names).with_columns(made).select(COLUMNS).collect()


@cache
def _expressions(postcode: str) -> tuple[list[pl.Expr], list[pl.Expr], list[pl.Expr]]:
    """Write the three steps of `normalise` once: to write them takes longer than to work them out for one record."""
    words = [
        _words(pl.col("given_name")).alias("given_words"),
        _words(pl.col("middle_names")).alias("middle_words"),
        _words(pl.col("family_name")).list.join("").alias("family"),
    ]
    names = [
        pl.col("given_words").list.first().fill_null("").alias("given"),
        pl.concat_list(pl.col("given_words").list.slice(1), pl.col("middle_words")).list.join(" ").alias("middle"),
        as_number(pl.col("nhs_number")).alias("nhs_as_number"),
        _addressed(pl.col("addresses"), postcode).alias("addressed"),
    ]
    made = [
        *(_named(pl.col(name)).alias(name) for name in ("given", "middle", "family")),
        _named(pl.col("given")).replace(nicknames()).alias("known_as"),
        _birth_date(pl.col("birth_date")).alias("birth_date"),
        _sex(pl.col("sex")).alias("sex"),
        pl.when(pl.col("source").is_in(tellers("nhs_number")))
        .then(nhs_number(pl.col("nhs_as_number")))
        .alias("nhs_number"),
        _postcodes(pl.col("addressed")).alias("postcodes"),
        _homes(pl.col("addressed")).alias("homes"),
        _address_words(pl.col("addressed")).alias("address_words"),
        _phones(pl.col("phones")).alias("phones"),
        _emails(pl.col("emails")).alias("emails"),
        _tidy(_items(pl.col("duplicates"))).alias("duplicates"),
        pl.col("sealed").fill_null(value=False),
    ]
    return words, names, made


def as_number(column: pl.Expr) -> pl.Expr:
    """Read ten digits, or fewer with their leading noughts lost, as a number; anything else as 0."""
    digits = column.fill_null("").str.replace_all(r"[\s-]", "")
    return pl.when(digits.str.contains(r"^[0-9]{1,10}$")).then(digits).otherwise(pl.lit("0")).cast(pl.Int64)


def nhs_number(number: pl.Expr) -> pl.Expr:
    """Keep an NHS number whose check digit is right, in ten digits; ten equal digits are none (modulus 11).

    By arithmetic on a column of numbers: cut out of a text, each digit would be worked out from the text anew.
    """
    digits = [number // 10 ** (9 - place) % 10 for place in range(10)]
    check = (11 - pl.sum_horizontal(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11) % 11
    valid = (check == digits[9]) & (number % 1_111_111_111 != 0)
    return pl.when(valid).then(number.cast(pl.String).str.zfill(10)).otherwise(None)


def _named(column: pl.Expr) -> pl.Expr:
    return pl.when((column == "") | column.is_in(PLACEHOLDER_NAMES)).then(None).otherwise(column)


def _folded(column: pl.Expr) -> pl.Expr:
    """Write in capitals without diacritics (NFKD, marks dropped)."""
    plain = column.fill_null("").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_uppercase()
    return plain.str.replace_many(*UNDECOMPOSED)


def _words(column: pl.Expr) -> pl.Expr:
    """Part a name into words of letters: hyphens and apostrophes join, blanks part."""
    letters = _folded(column).str.replace_many(*MISREAD).str.replace_all(r"[^\p{L} ]", "").str.strip_chars()
    return letters.str.split(" ").list.filter(pl.element() != "")


def _birth_date(column: pl.Expr) -> pl.Expr:
    usable = column.str.contains(r"^\d{4}-\d{2}-\d{2}$") & ~column.is_in(PLACEHOLDER_BIRTHS)
    return pl.when(usable).then(column).otherwise(None)


def _sex(column: pl.Expr) -> pl.Expr:
    first = column.str.to_uppercase().str.slice(0, 1)
    return pl.when(first.is_in(["M", "F"])).then(first).otherwise(None)


def _items(column: pl.Expr) -> pl.Expr:
    return column.fill_null("").str.split(GROUP)


def _tidy(column: pl.Expr) -> pl.Expr:
    """Sort a list and drop what is empty or twice, so that the same facts make the same features in any order."""
    return column.list.filter(pl.element().is_not_null() & (pl.element() != "")).list.unique().list.sort()


def _postcode(item: pl.Expr, pattern: str) -> pl.Expr:
    bare = item.str.split(UNIT).list.first().str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    return pl.when(bare.str.contains(pattern)).then(bare).otherwise(pl.lit(""))


def _addressed(column: pl.Expr, pattern: str) -> pl.Expr:
    """Give each address as its postcode, if it is one, and its folded lines: once, for all that is read from them."""
    return _items(column).list.eval(_postcode(pl.element(), pattern) + UNIT + _lines(pl.element()))


def _postcodes(addressed: pl.Expr) -> pl.Expr:
    return _tidy(addressed.list.eval(pl.element().str.split(UNIT).list.first()))


def _lines(item: pl.Expr) -> pl.Expr:
    return _folded(item.str.split(UNIT).list.get(1, null_on_oob=True))


def _homes(addressed: pl.Expr) -> pl.Expr:
    """Name each home by postcode and the numbers in its lines, or its first word if it has a name only."""
    parts = pl.element().str.split(UNIT)
    code, lines = parts.list.first(), parts.list.last()
    numbers = lines.str.extract_all(r"\d+[A-Z]?\b").list.join("-")
    word = lines.str.extract(r"([A-Z]{2,})").fill_null("")
    door = pl.when(numbers == "").then(word).otherwise(numbers)
    home = pl.when((code == "") | (door == "")).then(pl.lit("")).otherwise(code + ":" + door)
    return _tidy(addressed.list.eval(home))


def _address_words(addressed: pl.Expr) -> pl.Expr:
    """Give the numbers and the telling words of all addresses, for where a postcode is missing or mistyped."""
    lines = pl.element().str.split(UNIT).list.last()
    words = addressed.list.eval(lines.str.extract_all(r"[A-Z]{3,}|\d+[A-Z]?").list.join(" "))
    parted = words.list.join(" ").str.split(" ")
    return _tidy(parted.list.filter(~pl.element().is_in(STREET_TYPES)))


def _phones(column: pl.Expr) -> pl.Expr:
    """Keep the last ten digits, so that +44 and a leading nought are the same."""
    digits = pl.element().str.replace_all(r"\D", "")
    kept = pl.when(digits.str.len_chars() >= 9).then(digits.str.tail(10)).otherwise(pl.lit(""))  # noqa: PLR2004  digits
    return _tidy(_items(column).list.eval(kept))


def _emails(column: pl.Expr) -> pl.Expr:
    bare = pl.element().str.strip_chars().str.to_lowercase()
    return _tidy(
        _items(column).list.eval(pl.when(bare.str.contains("@", literal=True)).then(bare).otherwise(pl.lit("")))
    )
