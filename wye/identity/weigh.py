"""Write the model as one DuckDB expression: the weight of a pair, equal to what Splink's predict gives. Pure.

Splink builds several statements for each call, which takes longer than the weighing itself when the pairs are few. The
same comparisons, parameters and name frequencies are written here as text once; tests hold both equal on random pairs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from wye.identity import model
from wye.identity.shared_names import KEYS, excess_sql

SIDED = re.compile(r'"(\w+)_([lr])"')
"""A column of one side, as Splink names it."""
Known = Mapping[str, Mapping[str, list[float]]]
"""m and u by comparison and level."""
LEAST = 1e-300
"""Splink's own least m and u."""


@dataclass(frozen=True, slots=True)
class Bearers:
    """Hold how many records bear a given name, and a family name, when the names were counted."""

    given: int
    family: int

    def of(self, column: str) -> int:
        """Give the number for a column of features."""
        return self.given if column == "given" else self.family


def weight(parameters: model.Parameters, records: int, bearers: Bearers) -> str:
    """Write the match weight of rows `l` and `r` of features as DuckDB SQL; both carry `<name column>_count`."""
    prior = model.prior(parameters, records)
    known = model.scaled(parameters, records)
    terms = [term(each, known, bearers) for each in model.COMPARISONS]
    return f"{log2(prior / (1 - prior))!r}::DOUBLE + " + " + ".join(terms)


def term(each: model.Comparison, known: Known, bearers: Bearers) -> str:
    """Write what one comparison adds to the weight; `known` is m and u of all comparisons, scaled."""
    of_level = known[each.name]
    whens = [f"WHEN {sided(each.missing)} THEN 0::DOUBLE"]
    for level in each.levels:
        m, u = (max(float(side), LEAST) for side in of_level[level.label])
        said = f"{log2(m / u)!r}::DOUBLE"
        if level.frequency_of:
            said += f" + {log2(u)!r}::DOUBLE - log2({share(level.frequency_of, known, bearers)})"
        whens.append(f"WHEN {sided(level.sql)} THEN {said}")
    m, u = (max(float(side), LEAST) for side in of_level[model.ELSE])
    return f"(CASE {' '.join(whens)} ELSE {log2(m / u)!r}::DOUBLE END)"


def level_case(each: model.Comparison) -> str:
    """Write the place of the level that rows `l` and `r` are at: -1 where nothing can be said, the last one otherwise."""
    whens = [f"WHEN {sided(each.missing)} THEN -1"]
    whens += [f"WHEN {sided(level.sql)} THEN {place}" for place, level in enumerate(each.levels)]
    return f"(CASE {' '.join(whens)} ELSE {len(each.levels)} END)"


def share(column: str, known: Known, bearers: Bearers) -> str:
    """Write a name's share of all, leaning on the usual one while few are counted. Both sides bear the same name.

    For names that are counted together it is how many times more common they are than chance has it.
    """
    if column in KEYS:
        given, family = (share(name, known, bearers) for name in ("given", "family"))
        return excess_sql(column, given, family, float(known["birth_date"]["same"][1]), bearers.given)
    usual = usual_share(known[f"{column}_name"])
    return (
        f"((l.{column}_count + {model.SMOOTHING * usual!r}::DOUBLE) / {bearers.of(column) + model.SMOOTHING}::DOUBLE)"
    )


def usual_share(known: Mapping[str, list[float]]) -> float:
    """Give the share that two people's names are equal by chance, as the model has it."""
    return float(known["same"][1])


def sided(sql: str) -> str:
    """Write a level's condition over rows `l` and `r`."""
    return "(" + SIDED.sub(r'\2."\1"', sql) + ")"
