"""Hold what is compared between two records, and at which levels of likeness: data, in DuckDB SQL.

A name that stands in the other's place is weighed once, with the given name: counted in both it would weigh double.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Level:
    """Hold one level of likeness: SQL over columns of the left and right record, most alike first."""

    label: str
    sql: str
    frequency_of: str | None = None
    """The column whose own frequency counts: a shared rare name says more than a shared common one."""
    local: bool = False
    """Whether strangers share it only by living or being reached together: their number does not grow with the
    county, so the chance that two records of it share it falls as it grows."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold one thing that is compared. `missing` is when nothing can be said: it weighs nothing."""

    name: str
    missing: str
    levels: tuple[Level, ...]


ELSE = "otherwise"
"""The level of all that is at no other."""


def _null(column: str) -> str:
    return f'"{column}_l" IS NULL OR "{column}_r" IS NULL'


def _empty(column: str) -> str:
    return f'len("{column}_l") = 0 OR len("{column}_r") = 0'


def _alike(left: str, right: str) -> str:
    return f'jaro_winkler_similarity("{left}", "{right}")'


def _edits(left: str, right: str) -> str:
    return f'damerau_levenshtein("{left}", "{right}")'


TWO_NAMES = '"given_l" <> "given_r" AND "family_l" <> "family_r"'
UNLIKE = f"""{TWO_NAMES} AND {_alike("given_l", "given_r")} < 0.78 AND {_alike("family_l", "family_r")} < 0.8"""
SWAPPED = f'("given_l" = "family_r" AND "family_l" = "given_r" AND {TWO_NAMES})'
NEARLY_SWAPPED = (
    f"""({_alike("given_l", "family_r")} >= 0.88 AND {_alike("family_l", "given_r")} >= 0.88 AND {UNLIKE})"""
)
ONE_SWAPPED = f"""((("given_l" = "family_r" AND length("given_l") > 2)
 OR ("family_l" = "given_r" AND length("family_l") > 2)) AND {UNLIKE})"""

GIVEN_NAME = Comparison(
    "given_name",
    _null("given"),
    (
        Level("same", '"given_l" = "given_r"', frequency_of="given"),
        Level("same by nickname", '"known_as_l" = "known_as_r"'),
        Level("given and family name changed about", SWAPPED),
        Level("changed about and misspelt", NEARLY_SWAPPED),
        Level(
            "known by a middle name",
            """list_contains(str_split("middle_l", ' '), "given_r") OR list_contains(str_split("middle_r", ' '), "given_l")""",
        ),
        Level("alike", f"{_alike('given_l', 'given_r')} >= 0.9 OR {_alike('known_as_l', 'known_as_r')} >= 0.93"),
        Level("initial or cut short", 'starts_with("given_l", "given_r") OR starts_with("given_r", "given_l")'),
        Level("one name in the other's place", ONE_SWAPPED),
        Level(
            "some likeness",
            f"""{_alike("given_l", "given_r")} >= 0.78
            OR (least(length("given_l"), length("given_r")) >= 4 AND {_edits("given_l", "given_r")} <= 2)""",
        ),
    ),
)
FAMILY_NAME = Comparison(
    "family_name",
    f"{_null('family')} OR {SWAPPED} OR {NEARLY_SWAPPED} OR {ONE_SWAPPED}",
    (
        Level("same", '"family_l" = "family_r"', frequency_of="family"),
        Level("alike", f"{_edits('family_l', 'family_r')} <= 1 OR {_alike('family_l', 'family_r')} >= 0.92"),
        Level(
            "part of a double name",
            """least(length("family_l"), length("family_r")) >= 4 AND (
            starts_with("family_l", "family_r") OR starts_with("family_r", "family_l")
            OR suffix("family_l", "family_r") OR suffix("family_r", "family_l"))""",
        ),
        Level(
            "some likeness",
            f"""{_alike("family_l", "family_r")} >= 0.8
            OR (least(length("family_l"), length("family_r")) >= 5 AND {_edits("family_l", "family_r")} <= 2)""",
        ),
    ),
)
SAME_NAMES = '"given_l" = "given_r" AND "family_l" = "family_r"'
NAMES_TOGETHER = Comparison(
    "names_together",
    f'"given_l" IS NULL OR "given_r" IS NULL OR "family_l" IS NULL OR "family_r" IS NULL OR NOT ({SAME_NAMES})',
    (
        Level("names and birth date", '"birth_date_l" = "birth_date_r"', frequency_of="namesakes"),
        Level("names", SAME_NAMES, frequency_of="names"),
    ),
)
"""What two equal names say too much when each is weighed as if the other did not follow from it: Polish given names go
with Polish family names, and given names with a year of birth. It only ever takes away (shared_names.py)."""
MIDDLE_NAMES = Comparison(
    "middle_names",
    _null("middle"),
    (
        Level("same", '"middle_l" = "middle_r"'),
        Level(
            "one holds the other",
            """len(list_intersect(str_split("middle_l", ' '), str_split("middle_r", ' '))) > 0
            OR starts_with("middle_l", "middle_r") OR starts_with("middle_r", "middle_l")""",
        ),
        Level("alike", f"{_alike('middle_l', 'middle_r')} >= 0.88"),
    ),
)


def _months(side: str) -> str:
    return f'(substr("birth_date_{side}", 1, 4)::int * 12 + substr("birth_date_{side}", 6, 2)::int)'


BIRTH_DATE = Comparison(
    "birth_date",
    _null("birth_date"),
    (
        Level("same", '"birth_date_l" = "birth_date_r"'),
        Level("a digit or two neighbours wrong", f"{_edits('birth_date_l', 'birth_date_r')} <= 1"),
        Level(
            "day and month changed about",
            """"birth_date_l" = substr("birth_date_r", 1, 4) || '-' || substr("birth_date_r", 9, 2)
            || '-' || substr("birth_date_r", 6, 2)""",
        ),
        Level(
            "two parts of three",
            """(substr("birth_date_l", 1, 4) = substr("birth_date_r", 1, 4))::int
            + (substr("birth_date_l", 6, 2) = substr("birth_date_r", 6, 2))::int
            + (substr("birth_date_l", 9, 2) = substr("birth_date_r", 9, 2))::int >= 2""",
        ),
        Level(
            "one an estimate",
            """(ends_with("birth_date_l", '-01-01') OR ends_with("birth_date_r", '-01-01'))
            AND abs(left("birth_date_l", 4)::int - left("birth_date_r", 4)::int) <= 3""",
        ),
        Level("within two months", f"abs({_months('l')} - {_months('r')}) <= 1"),
        Level("two slips", f"{_edits('birth_date_l', 'birth_date_r')} <= 2"),
        Level("within a year or so", f"abs({_months('l')} - {_months('r')}) <= 13"),
    ),
)

COMMON = 'len(list_intersect("address_words_l", "address_words_r"))'
SHORTER = 'least(len("address_words_l"), len("address_words_r"))'
SAME_POSTCODE = 'list_has_any("postcodes_l", "postcodes_r")'
HOME = Comparison(
    "home",
    f"({_empty('postcodes')}) AND ({_empty('address_words')})",
    (
        Level("same door", 'list_has_any("homes_l", "homes_r")', local=True),
        Level(
            "same postcode and most words",
            f"{SAME_POSTCODE} AND {COMMON} >= 2 AND {COMMON} * 3 >= {SHORTER} * 2",
            local=True,
        ),
        Level("most words of the address", f"{COMMON} >= 3 AND {COMMON} * 3 >= {SHORTER} * 2", local=True),
        Level("same postcode", SAME_POSTCODE, local=True),
        Level("some words of the address", f"{COMMON} >= 2 OR ({COMMON} = 1 AND {SHORTER} = 1)"),
        Level(
            "postcode mistyped",
            """len("postcodes_l") > 0 AND len("postcodes_r") > 0
            AND damerau_levenshtein("postcodes_l"[1], "postcodes_r"[1]) <= 1""",
        ),
        Level("a word of the address", f"{COMMON} >= 1"),
    ),
)
"""One comparison, since postcode, street and door follow from one another: each alone would count the same thing again."""
PHONE = Comparison("phone", _empty("phones"), (Level("same", 'list_has_any("phones_l", "phones_r")', local=True),))
EMAIL = Comparison(
    "email",
    _empty("emails"),
    (
        Level("same", 'list_has_any("emails_l", "emails_r")', local=True),
        Level(
            "same name before the at",
            """split_part("emails_l"[1], '@', 1) = split_part("emails_r"[1], '@', 1)""",
        ),
        Level("mistyped", 'damerau_levenshtein("emails_l"[1], "emails_r"[1]) <= 2'),
    ),
)
SEX = Comparison("sex", _null("sex"), (Level("same", '"sex_l" = "sex_r"'),))
NHS_NUMBER = Comparison(
    "nhs_number",
    _null("nhs_number"),
    (
        Level("same", '"nhs_number_l" = "nhs_number_r"', local=True),
        Level("mistyped", f"{_edits('nhs_number_l', 'nhs_number_r')} <= 1"),
    ),
)

COMPARISONS: tuple[Comparison, ...] = (
    GIVEN_NAME, FAMILY_NAME, NAMES_TOGETHER, MIDDLE_NAMES, BIRTH_DATE, HOME, PHONE, EMAIL, SEX, NHS_NUMBER,
)  # fmt: skip
"""Every thing that is compared. A NINO and a UPN are not among them, nor among the features (features.py)."""

BY_NAME: Mapping[str, Comparison] = MappingProxyType({each.name: each for each in COMPARISONS})
