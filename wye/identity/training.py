"""Learn the linkage model's parameters from records alone: nobody has to say which of them are one person.

u, how often strangers are at a level, is counted among random pairs by Splink. m, how often one person's records are,
and how many true pairs there are, follow by expectation maximisation over every pair that blocking brings, each
weighed as it will be weighed in linking: with the frequencies of its names, and counted for nothing where conflict.py
objects. So the weights are calibrated: a pair that weighs 8 is one person with the odds of 256 to one, and thresholds are
chances of error (model.py). Pure. Most sensitive class of what goes in: identifier; what comes out holds no value.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import cast

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from wye.identity import model
from wye.identity.cluster import Objects
from wye.identity.comparisons import COMPARISONS, ELSE, Comparison
from wye.identity.conflict import Traits, conflict
from wye.identity.linkage import Linkage
from wye.identity.nearby import TRAITS
from wye.identity.weigh import Bearers, level_case, share

SEED = 2026
SAMPLED_PAIRS = 2_000_000
RARE = 1e-6
"""The least that a level's m and u are believed to be: what was never seen is rare, not impossible."""
BELIEF = 2.0
"""Pairs' worth of belief in what is usual, so that a level which the records hardly show keeps a sensible m."""
ROUNDS, SETTLED = 60, 1e-4
"""The most rounds, and the change of every m below which there is nothing more to learn."""
FEWEST = 500
"""Records below which nothing can be learnt."""
ENOUGH, GROWTH = 10_000, 4
"""Records from which a hub learns a candidate of its own, and again each time there are so many times as many."""

Levels = dict[str, dict[str, list[float]]]


@dataclass(slots=True)
class _Pairs:
    """Hold every pair that blocking brings: a column to a comparison with the place of its level (-1 if nothing can be
    said), a column `<comparison>/<level>` with what a name's frequency adds, and whether conflict.py objects.
    """

    rows: pl.DataFrame
    objected: pl.Series
    records: int

    @property
    def all(self) -> float:
        """Count all pairs that these records make."""
        return self.records * (self.records - 1) / 2


def train(
    features: pl.DataFrame, objects: Objects = conflict, blocks: Mapping[str, str] = model.BLOCKS
) -> model.Parameters:
    """Learn from records (features.COLUMNS): parameters, and what linking by them is expected to find.

    What the records never show keeps the shipped value, or is rare where none was shipped. Raises ValueError if there
    are too few records.
    """
    known = features.filter(~pl.col("sealed"))
    if known.height < FEWEST:
        raise ValueError(f"cannot learn from `{known.height}` records; {FEWEST} are needed")
    sampled = _strangers(known)
    usual = _usual(sampled)
    pairs = _pairs(known, usual, objects, blocks)
    learnt, share = _maximise(pairs, usual, sampled)
    parameters: model.Parameters = {
        "comparisons": _rounded(learnt),
        "per_record": round(share * (known.height - 1), 6),
        "records": known.height,
    }
    return parameters | {"expected": _expected(pairs, learnt, share)}


def _strangers(features: pl.DataFrame) -> dict[str, list[float]]:
    """Count by random sampling how often pairs are at each level, in the order of levels; ELSE is the last."""
    duck = duckdb.connect(":memory:")
    api = DuckDBAPI(connection=duck)
    duck.register("given", with_keys(features).with_row_index("n").to_arrow())
    duck.execute("CREATE TABLE feature AS SELECT n::INTEGER AS n, * EXCLUDE (n) FROM given")
    linker = Linker(
        api.register("feature"), model.settings(None, features.height), log_level=logging.ERROR, validate_settings=False
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    saved = linker.misc.save_model_to_json(out_path=None)
    duck.close()
    found: dict[str, list[float]] = {}
    for each in saved["comparisons"]:
        levels = [level for level in each["comparison_levels"] if not level.get("is_null_level")]
        seen = [level.get("u_probability") for level in levels]
        name = each["output_column_name"]
        shipped = model.shipped()["comparisons"].get(name, {}) if not any(seen) else {}
        labels = [level["label_for_charts"] for level in levels]
        found[name] = [
            shipped[label][1] if label in shipped else max(float(u or 0), RARE)
            for label, u in zip(labels, seen, strict=True)
        ]
    return found


def with_keys(features: pl.DataFrame) -> pl.DataFrame:
    """Add the names that are counted together, which Splink wants as columns."""
    names = pl.concat_str("given", "family", separator=" ")
    return features.with_columns(
        names.alias("names"), pl.concat_str(names, "birth_date", separator=" ").alias("namesakes")
    )


def _usual(sampled: Mapping[str, list[float]]) -> Levels:
    """Begin with the shipped m of each level, or a likely one, and the u that was counted."""
    shipped = model.shipped()["comparisons"]
    found: Levels = {}
    for each in COMPARISONS:
        labels = [*(level.label for level in each.levels), ELSE]
        guessed = [0.8] + [0.2 / len(each.levels)] * len(each.levels)
        ms = [shipped.get(each.name, {}).get(label, [guess])[0] for label, guess in zip(labels, guessed, strict=True)]
        total = sum(ms)
        found[each.name] = {label: [m / total, u] for label, m, u in zip(labels, ms, sampled[each.name], strict=True)}
    found["names_together"] = {label: [1.0, 1.0] for label in found["names_together"]}
    return found


def _pairs(features: pl.DataFrame, usual: Levels, objects: Objects, blocks: Mapping[str, str]) -> _Pairs:
    bearers = Bearers(features["given"].count(), features["family"].count())
    linkage = Linkage(features, {"comparisons": usual, "per_record": 1.0, "records": features.height}, blocks=blocks)
    try:
        cases = ", ".join(f'{level_case(each)} AS "{each.name}"' for each in COMPARISONS)
        added = ", ".join(
            f'{share(level.frequency_of, usual, bearers)} AS "{each.name}/{level.label}"'
            for each in COMPARISONS
            for level in each.levels
            if level.frequency_of
        )
        linkage.all_pairs()
        found = linkage.scales.duck.sql(
            f"""SELECT a, b, {cases}, {added} FROM pair JOIN feature l ON l.n = a JOIN feature r ON r.n = b
            ORDER BY a, b"""  # noqa: S608  our own text
        )
        rows = cast("pl.DataFrame", pl.from_arrow(found.to_arrow_table()))
    finally:
        linkage.close()
    traits = [Traits(*row) for row in features.select(TRAITS).iter_rows()]
    objected = [objects(traits[a], traits[b]) is not None for a, b in rows.select("a", "b").iter_rows()]
    return _Pairs(rows, pl.Series(objected, dtype=pl.Boolean), features.height)


def _weights(pairs: _Pairs, known: Levels, share: float) -> pl.Series:
    """Weigh every pair, prior included."""
    total = pl.lit(log2(share / (1 - share)))
    for each in COMPARISONS:
        levels = known[each.name].values()
        of_level = {-1: 0.0} | {place: model.bits(m, u) for place, (m, u) in enumerate(levels)}
        total = total + pl.col(each.name).replace_strict(of_level, return_dtype=pl.Float64)
        for place, level in enumerate(each.levels):
            if level.frequency_of:
                u = known[each.name][level.label][1]
                adds = log2(u) - pl.col(f"{each.name}/{level.label}").log(2)
                total = total + pl.when(pl.col(each.name) == place).then(adds).otherwise(0.0)
    return pairs.rows.select(weight=total)["weight"]


def _chances(weights: pl.Series, objected: pl.Series) -> pl.Series:
    odds = weights.clip(-60, 60)
    return (1 / (1 + 2.0 ** (-odds))) * (~objected).cast(pl.Float64)


def _maximise(pairs: _Pairs, usual: Levels, sampled: Mapping[str, list[float]]) -> tuple[Levels, float]:
    """Learn m and the share of all pairs that are one person; u is what was sampled, less the true pairs in it."""
    known, share = {name: dict(levels) for name, levels in usual.items()}, 0.5 / max(pairs.records - 1, 1)
    least = max(RARE, 0.5 / min(SAMPLED_PAIRS, pairs.all))
    for _ in range(ROUNDS):
        weighed = pairs.rows.with_columns(chance=_chances(_weights(pairs, known, share), pairs.objected))
        change, share = 0.0, max(float(weighed["chance"].sum()), 1.0) / pairs.all
        for each in COMPARISONS:
            if each.name == "names_together" or weighed[each.name].max() == -1:
                continue  # what names say too much is counted, not learnt; and of what nobody has nothing is
            ms = _seen(weighed, each, usual[each.name])
            for label, m, u in zip(known[each.name], ms, sampled[each.name], strict=True):
                change = max(change, abs(m - known[each.name][label][0]))
                known[each.name][label] = [max(m, RARE), max((u - share * m) / (1 - share), least)]
            _no_likeness_weighs_less_than_none(known[each.name])
        if change < SETTLED:
            break
    return known, share


def _no_likeness_weighs_less_than_none(levels: dict[str, list[float]]) -> None:
    """Lift the m of levels that the records hardly ever show: that they were rare here makes nobody a stranger."""
    m_else, u_else = levels[ELSE]
    for values in levels.values():
        values[0] = max(values[0], min(1.0, values[1] * m_else / u_else))


def _seen(weighed: pl.DataFrame, each: Comparison, usual: Mapping[str, list[float]]) -> list[float]:
    """Share out the true pairs of a comparison among its levels, leaning on what is usual."""
    counted = weighed.filter(pl.col(each.name) >= 0).group_by(each.name).agg(pl.col("chance").sum())
    true = dict(cast("list[tuple[int, float]]", counted.rows()))
    total = sum(true.values()) + BELIEF
    return [(true.get(place, 0.0) + BELIEF * m) / total for place, (m, _) in enumerate(usual.values())]


def _rounded(known: Levels) -> Levels:
    return {
        name: {label: [float(f"{m:.6g}"), float(f"{u:.6g}")] for label, (m, u) in levels.items()}
        for name, levels in known.items()
    }


def _expected(pairs: _Pairs, known: Levels, share: float) -> dict[str, object]:
    """Say what the chances of all pairs let expect at each whole weight: of the pairs joined, how many are right
    (precision), and of the true pairs among those that nothing objects to, how many are joined (recall).
    """
    weights = _weights(pairs, known, share)
    frame = pl.DataFrame({"weight": weights, "chance": _chances(weights, pairs.objected), "no": pairs.objected})
    free = frame.filter(~pl.col("no"))
    true = float(free["chance"].sum())
    curve = []
    for threshold in range(-4, 21):
        joined = free.filter(pl.col("weight") >= threshold)["chance"]
        right = float(joined.sum())
        precision = right / len(joined) if len(joined) else 1.0
        curve.append(
            {
                "weight": threshold,
                "precision": round(precision, 6),
                "recall": round(right / true, 6) if true else 1.0,
                "pairs": len(joined),
            }
        )
    at_join = next(each for each in curve if each["weight"] == int(model.JOIN))
    asked = free.filter((pl.col("weight") >= model.DOUBT) & (pl.col("weight") < model.JOIN)).height
    return {
        "precision": at_join["precision"],
        "recall": at_join["recall"],
        "pairs": at_join["pairs"],
        "doubtful": asked,
        "curve": curve,
    }
