"""Explain the weight of pairs: the level of each comparison, what it adds, and the prior, adding up to the weight.

The weight is the base-2 logarithm of the odds that two records are one person: 10 is about a thousand to one for, -10 as
much against (Splink's match weight).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import cast
from uuid import UUID

import polars as pl

from wye.identity import block_rows, feature_rows, model, model_rows, weigh
from wye.identity.block_rows import Footing
from wye.identity.scales import Scales
from wye.identity.weigh import Bearers
from wye.identity.words import Pair
from wye.store.database import Connection

MISSING = "missing"
NO_FOOTING = Footing("", 0, Bearers(0, 0), 0)


@dataclass(frozen=True, slots=True)
class Part:
    """Hold what one comparison says of a pair. `rarity` is the part of `weight` that a shared name's rarity adds."""

    comparison: str
    label: str
    weight: float
    rarity: float


@dataclass(frozen=True, slots=True)
class Explained:
    """Hold a pair's weight with its parts. `prior` is what two records chosen at random would weigh."""

    prior: float
    parts: tuple[Part, ...]

    @property
    def weight(self) -> float:
        """Add up."""
        return self.prior + sum(part.weight for part in self.parts)

    @property
    def probability(self) -> float:
        """Give the probability that both are one person, as the model has it."""
        return 1 / (1 + 2**-self.weight)


def explain(conn: Connection, pairs: Iterable[Pair]) -> dict[Pair, Explained]:
    """Explain pairs by the model and the name counts in force; a pair of which a record has no features is absent."""
    asked = list(dict.fromkeys(pairs))
    parameters = model_rows.in_force(conn)
    footing = block_rows.footing(conn) or NO_FOOTING
    features = feature_rows.features_of(conn, sorted({str(record) for pair in asked for record in pair}))
    place = {UUID(record): n for n, record in enumerate(features["record"])}
    numbered = {pair: (place[pair[0]], place[pair[1]]) for pair in asked if place.keys() >= set(pair)}
    if not numbered:
        return {}
    scales = Scales(parameters, footing.records, footing.bearers)
    try:
        scales.add(features.with_row_index("n").with_columns(pl.col("n").cast(pl.Int32)))
        found = _parts(scales, list(numbered.values()), parameters, footing)
    finally:
        scales.close()
    prior = model.prior(parameters, footing.records)
    return {pair: Explained(log2(prior / (1 - prior)), found[places]) for pair, places in numbered.items()}


def _parts(
    scales: Scales, pairs: Sequence[tuple[int, int]], parameters: model.Parameters, footing: Footing
) -> dict[tuple[int, int], tuple[Part, ...]]:
    comparisons: Mapping[str, Mapping[str, list[float]]] = model.scaled(parameters, footing.records)
    levels = ", ".join(weigh.level_case(each) for each in model.COMPARISONS)
    weights = ", ".join(weigh.term(each, comparisons, footing.bearers) for each in model.COMPARISONS)
    scales.duck.execute("CREATE TEMP TABLE asked (a INTEGER, b INTEGER)")
    scales.duck.executemany("INSERT INTO asked VALUES (?, ?)", [list(pair) for pair in pairs])
    found = scales.duck.execute(
        f"""SELECT a, b, [{levels}], [{weights}] FROM asked
        JOIN feature l ON l.n = a JOIN feature r ON r.n = b"""  # noqa: S608  our own text
    ).fetchall()
    return {
        (a, b): tuple(
            _part(each, level, weight, comparisons[each.name])
            for each, level, weight in zip(model.COMPARISONS, at, weights_, strict=True)
        )
        for a, b, at, weights_ in cast("list[tuple[int, int, list[int], list[float]]]", found)
    }


def _part(each: model.Comparison, level: int, weight: float, known: Mapping[str, list[float]]) -> Part:
    if level < 0:
        return Part(each.name, MISSING, 0.0, 0.0)
    label = each.levels[level].label if level < len(each.levels) else model.ELSE
    if level < len(each.levels) and each.levels[level].frequency_of:
        m, u = (max(float(side), weigh.LEAST) for side in known[label])
        return Part(each.name, label, weight, weight - log2(m / u))
    return Part(each.name, label, weight, 0.0)
