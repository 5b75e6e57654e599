"""Hold the linkage model: which pairs are compared, the parameters, and what follows from a weight.

The parameters (how often each level is seen among matches, m, and among others, u) are in model.json, learnt on a
made county (20,000 people, seed 5), and in `identity.model` in versions of a hub's own (training.py).
"""

from collections.abc import Mapping
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

import orjson

from wye.identity.comparisons import COMPARISONS, ELSE, Comparison, Level
from wye.identity.shared_names import KEYS

__all__ = ["BLOCKS", "COMPARISONS", "ELSE", "Comparison", "Level", "Parameters", "joins", "settings", "shipped"]

JOIN = 8.0
"""Match weight from which two records are joined: log2 of the odds that they are one person, prior included, so that
of the pairs that weigh just this one in 257 is expected to be wrong. The weights are calibrated (training.py): the
threshold is a chance of error that was chosen, not a number that was tuned."""
FRACTURE = 4.0
"""Match weight below which a record leaves a person that it was joined to: one wrong in 17. Between FRACTURE and JOIN
nothing is joined anew and nothing is parted, so that nobody comes and goes as a name becomes a little more common.
Two thresholds as the Ministry of Justice's person record service has them (join at 20, fracture below 14)."""
DOUBT = 2.0
"""Match weight from which a human is asked: four to one. Kept well apart from JOIN: between them lies what nobody
should guess."""
MARGIN = 4.0
"""Weight by which a record has to be nearer to one person than to another before it is joined to either."""
SMOOTHING = 2_000
"""Records' worth of belief in the usual frequency of a name, so that a name is not common for being one of three."""
CROWD = 200
"""A value that more records share than this (a made-up telephone number, a hostel) brings no pairs."""

BLOCKS: Mapping[str, str] = {
    "same NHS number": "[nhs_number]",
    "a name and birth date": "list_distinct([family || '/' || birth_date, given || '/' || birth_date, known_as || '/' || birth_date])",
    "names and postcode": """list_concat(list_transform(postcodes, lambda p: known_as || '/' || left(family, 3) || '/' || p),
        list_transform(postcodes, lambda p: family || '/' || left(given, 3) || '/' || p))""",
    "initial, family name and postcode": "list_transform(postcodes, lambda p: left(known_as, 1) || '/' || family || '/' || p)",
    "birth date and postcode": "list_transform(postcodes, lambda p: birth_date || '/' || p)",
    "a name and door": """list_concat(list_transform(homes, lambda h: left(given, 3) || '/' || h),
        list_transform(homes, lambda h: left(family, 3) || '/' || h))""",
    "names and year of birth": "[known_as || '/' || family || '/' || left(birth_date, 4)]",
    "names and day of birth": "[known_as || '/' || family || '/' || right(birth_date, 5)]",
    "telephone": """list_concat(list_transform(phones, lambda p: left(known_as, 1) || '/' || p),
        list_transform(phones, lambda p: left(family, 1) || '/' || p))""",
    "e-mail": "emails",
    "marked": "list_append(duplicates, record)",
}
"""Keys of a record, as DuckDB SQL giving a list: two records that share a key of a kind are compared. Where a kind
gives a key with each name, records whose names were changed about meet."""

LOOSE: Mapping[str, str] = {
    "birth date": "[birth_date]",
    "either name": "[family, given]",
    "a name's beginning and year of birth": """[left(family, 3) || left(birth_date, 4),
        left(given, 3) || left(birth_date, 4)]""",
    "a name's beginning and a word of the address": """list_concat(
        list_transform(address_words, lambda w: left(family, 3) || '/' || w),
        list_transform(address_words, lambda w: left(given, 3) || '/' || w))""",
    "name before the at": "list_transform(emails, lambda e: split_part(e, '@', 1))",
}
"""Keys besides BLOCKS for sets so small that more may be compared (link.py); no hub uses them."""

Parameters = dict[str, Any]
"""`comparisons`: by name and label, [m, u]; `per_record`: true pairs to each record, from which the prior follows;
`records`: how many it was learnt from, which the u of local levels hold for."""


@cache
def shipped() -> Parameters:
    """Read the parameters that come with Wye."""
    found: Parameters = orjson.loads((Path(__file__).parent / "model.json").read_bytes())
    return found


def fits(parameters: Parameters) -> bool:
    """Tell whether parameters are for what this release compares: an older version may know other levels."""
    known = parameters.get("comparisons", {})
    wanted = {each.name: {*(level.label for level in each.levels), ELSE} for each in COMPARISONS}
    return "records" in parameters and {name: set(levels) for name, levels in known.items()} == wanted


def joins(weight: float, *, door: bool) -> bool:  # noqa: ARG001  part of the interface; a shared door is in the weight
    """Say whether a pair of this weight is joined, if nothing objects."""
    return weight >= JOIN


def holds(weight: float) -> bool:
    """Say whether a pair of this weight stays joined, if it is joined already and nothing objects."""
    return weight >= FRACTURE


def chance(weight: float) -> float:
    """Give the chance that two records of this weight are one person."""
    return float(1 / (1 + 2.0**-weight))


def prior(parameters: Parameters, records: int) -> float:
    """Give the chance that two records taken at random are one person, among so many records.

    Never fewer than those that the parameters were learnt from: what is loaded so far is a part of what will be.
    """
    return float(parameters["per_record"]) / max(records, int(parameters["records"]))


def scaled(parameters: Parameters, records: int) -> dict[str, dict[str, list[float]]]:
    """Give m and u for so many records: a stranger shares your door no oftener in a large county than in a small one."""
    share = min(1.0, int(parameters["records"]) / max(records, 1))
    found = {name: dict(levels) for name, levels in parameters["comparisons"].items()}
    for each in COMPARISONS:
        for level in each.levels:
            if level.local and level.label in found.get(each.name, {}):
                m, u = found[each.name][level.label]
                found[each.name][level.label] = [m, u * share]
    return found


def settings(parameters: Parameters | None, records: int) -> dict[str, Any]:
    """Write the model as Splink settings, with parameters if there are any; features have the columns KEYS as well."""
    known = scaled(parameters, records) if parameters else {}
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "n",
        "probability_two_random_records_match": prior(parameters, records) if parameters else 1e-4,
        "blocking_rules_to_generate_predictions": ["l.birth_date = r.birth_date"],
        "comparisons": [_comparison(each, known.get(each.name, {})) for each in COMPARISONS],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }


def _comparison(each: Comparison, known: Mapping[str, list[float]]) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": each.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in (*each.levels, Level(ELSE, "ELSE")):
        made: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label}
        if level.frequency_of in KEYS:  # Splink adjusts a column of its own only
            made["sql_condition"] = f'"{level.frequency_of}_l" = "{level.frequency_of}_r"'
        if level.frequency_of:
            made["tf_adjustment_column"] = level.frequency_of
        if (found := known.get(level.label)) is not None:
            made["m_probability"], made["u_probability"] = found
        levels.append(made)
    return {"output_column_name": each.name, "comparison_levels": levels}


def bits(m: float, u: float) -> float:
    """Give the match weight of one level."""
    return log2(m / u)
