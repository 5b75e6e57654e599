"""Hold the linkage model as data: what is compared, at which levels, and which pairs are compared at all.

The parameters (how often each level is seen among matches, m, and among others, u) are in model.json, learnt on a
made county (20,000 people, seed 5), and in `identity.model` once a hub has enough records of its own to learn from (linkage.train).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

JOIN = 8.0
"""Match weight (log2 of the odds, prior included) from which two records are joined."""
JOIN_AT_DOOR = 5.0
"""The same where both records share a door. Strangers of one name and birth date are the mistake that a whole county
makes, and they live apart; at one door only family is mistaken, and there conflict.py and MARGIN object."""
DOUBT = 2.0
"""Match weight from which a human is asked. Kept well apart from JOIN: between them lies what nobody should guess."""
MARGIN = 4.0
"""Weight by which a record has to be nearer to one person than to another before it is joined to either."""
POPULATION = 200_000
"""People of a county, at the least. INVARIANT: the prior follows it rather than the number of records loaded so far,
so that a pair weighs the same early and late."""
SMOOTHING = 2_000
"""Records' worth of belief in the shipped frequency of a name, so that a name is not common for being one of three."""
CROWD = 200
"""A value that more records share than this (a made-up telephone number, a hostel) brings no pairs."""
ENOUGH = 10_000
"""Records from which the model learns from the hub's own records; again each time they have grown fourfold."""


@dataclass(frozen=True, slots=True)
class Level:
    """Hold one level of likeness: DuckDB SQL over columns of the left and right record, most alike first."""

    label: str
    sql: str
    frequency_of: str | None = None
    """The column whose own frequency counts: a shared rare name says more than a shared common one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold one thing that is compared. `missing` is when nothing can be said: it weighs nothing."""

    name: str
    missing: str
    levels: tuple[Level, ...]


def _either_null(column: str) -> str:
    return f'"{column}_l" IS NULL OR "{column}_r" IS NULL'


def _either_empty(column: str) -> str:
    return f'len("{column}_l") = 0 OR len("{column}_r") = 0'


SWAPPED = '"given_l" = "family_r" AND "family_l" = "given_r"'

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "given_name",
        _either_null("given"),
        (
            Level("same", '"given_l" = "given_r"', frequency_of="given"),
            Level("same by nickname", '"known_as_l" = "known_as_r"'),
            Level("given and family name changed about", SWAPPED),
            Level(
                "known by a middle name",
                """list_contains(str_split("middle_l", ' '), "given_r")
                OR list_contains(str_split("middle_r", ' '), "given_l")""",
            ),
            Level("alike", 'jaro_winkler_similarity("given_l", "given_r") >= 0.9'),
            Level("initial or cut short", 'starts_with("given_l", "given_r") OR starts_with("given_r", "given_l")'),
            Level("some likeness", 'jaro_winkler_similarity("given_l", "given_r") >= 0.78'),
        ),
    ),
    Comparison(
        "family_name",
        _either_null("family"),
        (
            Level("same", '"family_l" = "family_r"', frequency_of="family"),
            Level("given and family name changed about", SWAPPED),
            Level(
                "alike",
                'damerau_levenshtein("family_l", "family_r") <= 1 OR jaro_winkler_similarity("family_l", "family_r") >= 0.92',
            ),
            Level(
                "part of a double name",
                """least(length("family_l"), length("family_r")) >= 4 AND (
                starts_with("family_l", "family_r") OR starts_with("family_r", "family_l")
                OR suffix("family_l", "family_r") OR suffix("family_r", "family_l"))""",
            ),
            Level("some likeness", 'jaro_winkler_similarity("family_l", "family_r") >= 0.8'),
        ),
    ),
    Comparison(
        "birth_date",
        _either_null("birth_date"),
        (
            Level("same", '"birth_date_l" = "birth_date_r"'),
            Level("a digit or two neighbours wrong", 'damerau_levenshtein("birth_date_l", "birth_date_r") <= 1'),
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
        ),
    ),
    Comparison(
        "home",
        _either_empty("postcodes"),
        (
            Level("same door", 'list_has_any("homes_l", "homes_r")'),
            Level("same postcode", 'list_has_any("postcodes_l", "postcodes_r")'),
        ),
    ),
    Comparison("phone", _either_empty("phones"), (Level("same", 'list_has_any("phones_l", "phones_r")'),)),
    Comparison("email", _either_empty("emails"), (Level("same", 'list_has_any("emails_l", "emails_r")'),)),
    Comparison("sex", _either_null("sex"), (Level("same", '"sex_l" = "sex_r"'),)),
    Comparison(
        "nhs_number",
        _either_null("nhs_number"),
        (
            Level("same", '"nhs_number_l" = "nhs_number_r"'),
            Level("mistyped", 'damerau_levenshtein("nhs_number_l", "nhs_number_r") <= 1'),
        ),
    ),
)

ELSE = "otherwise"

BLOCKS: Mapping[str, str] = {
    "same NHS number": "[nhs_number]",
    "family name and birth date": "[family || '/' || birth_date]",
    "names changed about and birth date": "[given || '/' || birth_date]",
    "given name and birth date": "[known_as || '/' || birth_date]",
    "names and postcode": "list_transform(postcodes, lambda p: known_as || '/' || left(family, 3) || '/' || p)",
    "birth date and postcode": "list_transform(postcodes, lambda p: birth_date || '/' || p)",
    "names and year of birth": "[known_as || '/' || family || '/' || left(birth_date, 4)]",
    "names and day of birth": "[known_as || '/' || family || '/' || right(birth_date, 5)]",
    "telephone": "list_transform(phones, lambda p: left(known_as, 1) || '/' || p)",
    "e-mail": "emails",
    "marked": "list_append(duplicates, record)",
}
"""Keys of a record, as DuckDB SQL giving a list: two records that share a key of a kind are compared."""

TRAINING: tuple[str, ...] = (
    "l.birth_date = r.birth_date AND l.postcodes[1] = r.postcodes[1]",
    "l.given = r.given AND l.family = r.family AND l.postcodes[1] = r.postcodes[1]",
    "l.given = r.given AND l.family = r.family AND l.birth_date = r.birth_date",
)
"""Pairs among which matches are common enough to learn from; each leaves out what it holds equal."""

Parameters = dict[str, Any]
"""`comparisons`: by name and label, [m, u]; `per_record`: true pairs to each record, from which the prior follows."""


@cache
def shipped() -> Parameters:
    """Read the parameters that come with Wye."""
    found: Parameters = orjson.loads((Path(__file__).parent / "model.json").read_bytes())
    return found


def joins(weight: float, *, door: bool) -> bool:
    """Say whether a pair of this weight is joined, if nothing objects."""
    return weight >= (JOIN_AT_DOOR if door else JOIN)


def settings(parameters: Parameters | None, records: int) -> dict[str, Any]:
    """Write the model as Splink settings, with parameters if there are any."""
    prior = parameters["per_record"] / max(records, POPULATION) if parameters else 1e-4
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "n",
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": list(TRAINING),
        "comparisons": [_comparison(each, (parameters or {}).get("comparisons", {})) for each in COMPARISONS],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }


def _comparison(each: Comparison, known: Mapping[str, Mapping[str, list[float]]]) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": each.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in (*each.levels, Level(ELSE, "ELSE")):
        made: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label}
        if level.frequency_of:
            made["tf_adjustment_column"] = level.frequency_of
        if (found := known.get(each.name, {}).get(level.label)) is not None:
            made["m_probability"], made["u_probability"] = found
        levels.append(made)
    return {"output_column_name": each.name, "comparison_levels": levels}
