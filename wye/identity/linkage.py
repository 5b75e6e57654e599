"""Find and weigh pairs of records with DuckDB and Splink, in memory: the rules first, the model for every pair.

Most sensitive class: identifier. Nothing is written to disk, and Splink's own words stay below the log.
"""

import logging
from collections.abc import Iterable
from typing import Any, cast

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from wye.identity import model
from wye.identity.rules import rule_case
from wye.identity.scales import Scales, keys_sql
from wye.identity.weigh import Bearers

RULES_RECALL = 0.6
"""Part of the true pairs that the rules are taken to find, for the prior."""
SEED = 2026
SAMPLED_PAIRS = 2_000_000
RARE = 1e-6
"""The least that a level's m and u are believed to be: what was never seen is rare, not impossible."""


class Linkage:
    """Hold the features of all records, ready to be compared; `n` is a record's place in the order of record ids.

    Names are counted among these features, unless they come with counts (`given_count`, `family_count`) and `bearers`.
    """

    def __init__(
        self, features: pl.DataFrame, parameters: model.Parameters, records: int = 0, bearers: Bearers | None = None
    ) -> None:
        self.records: list[str] = features["record"].to_list()
        counted = features if bearers else features.with_columns(count_of("given"), count_of("family"))
        bearers = bearers or Bearers(features["given"].count(), features["family"].count())
        self.scales = Scales(parameters, records or features.height, bearers)
        self._duck = self.scales.duck
        self.scales.add(counted.with_row_index("n"))
        self._duck.execute(f"CREATE TABLE key AS {keys_sql()}")
        self._duck.execute(
            f"""CREATE TABLE block AS SELECT n, key FROM (
                SELECT n, key, count(*) OVER (PARTITION BY key) AS crowd FROM key)
                WHERE crowd BETWEEN 2 AND {model.CROWD}"""  # noqa: S608  our own text
        )

    def close(self) -> None:
        """Let go of the memory."""
        self.scales.close()

    def keys(self) -> pl.DataFrame:
        """Give the blocking keys of all records: n, key."""
        return cast(
            "pl.DataFrame", pl.from_arrow(self._duck.sql("SELECT n, key FROM key ORDER BY key").to_arrow_table())
        )

    def pairs(self, frontier: Iterable[int]) -> pl.DataFrame:
        """Weigh each pair that touches the frontier: a, b (a < b), rule (its place in RULES, or null), door
        (whether they share one), weight.

        One row to a pair whose weight reaches DOUBT or for which a rule holds.
        """
        self._duck.register("asked", pl.DataFrame({"n": pl.Series(list(frontier), dtype=pl.Int32)}).to_arrow())
        self._duck.execute("DELETE FROM pair")
        self._duck.execute(
            """INSERT INTO pair SELECT DISTINCT least(x.n, y.n), greatest(x.n, y.n)
            FROM (SELECT * FROM block SEMI JOIN asked USING (n)) x JOIN block y ON x.key = y.key AND x.n <> y.n"""
        )
        self._duck.unregister("asked")
        return self.scales.weigh()


def count_of(column: str) -> pl.Expr:
    """Count how many of these records bear each one's name."""
    return (
        pl.when(pl.col(column).is_null())
        .then(0)
        .otherwise(pl.len().over(column))
        .cast(pl.Int64)
        .alias(f"{column}_count")
    )


def _linker(duck: duckdb.DuckDBPyConnection, parameters: model.Parameters | None, records: int) -> Any:
    """Make a Splink linker over the table `feature`, its name frequencies leaning on the shipped ones while few."""
    api = DuckDBAPI(connection=duck)
    linker = Linker(
        api.register("feature"), model.settings(parameters, records), log_level=logging.ERROR, validate_settings=False
    )
    for column, comparison in (("given", "given_name"), ("family", "family_name")):
        usual = (parameters or {}).get("comparisons", {}).get(comparison, {}).get("same", (0, 0.002))[1]
        duck.execute(
            f"""CREATE OR REPLACE TABLE frequency_{column} AS
                SELECT {column}, (count(*) + {model.SMOOTHING} * {usual}) / (sum(count(*)) OVER () + {model.SMOOTHING})
                AS tf_{column} FROM feature WHERE {column} IS NOT NULL GROUP BY {column}"""  # noqa: S608  our own text
        )
        linker.table_management.register_term_frequency_lookup(api.register(f"frequency_{column}"), column)
    return linker


def train(features: pl.DataFrame) -> model.Parameters:
    """Learn the model's parameters from records: u by random sampling, m by expectation maximisation.

    What the records never show keeps the shipped value, or is rare where none was shipped.
    """
    duck = duckdb.connect(":memory:")
    duck.register("given", features.with_row_index("n").to_arrow())
    duck.execute("CREATE TABLE feature AS SELECT n::INTEGER AS n, * EXCLUDE (n) FROM given WHERE NOT sealed")
    linker = _linker(duck, None, features.height)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for condition in model.TRAINING:
        linker.training.estimate_parameters_using_expectation_maximisation(condition)
    learnt = linker.misc.save_model_to_json(out_path=None)
    matched = duck.execute(
        f"""SELECT count(*) FROM (SELECT l, r, false AS marked FROM feature l JOIN feature r
            ON l.birth_date = r.birth_date AND l.n < r.n) WHERE {rule_case()} IS NOT NULL"""  # noqa: S608  our own text
    ).fetchall()[0][0]
    duck.close()
    return {
        "per_record": round(matched / RULES_RECALL / max(features.height, 1) * 2, 4),
        "comparisons": _levels(learnt),
    }


def _levels(learnt: dict[str, Any]) -> dict[str, dict[str, list[float]]]:
    known = model.shipped().get("comparisons", {})
    found: dict[str, dict[str, list[float]]] = {}
    for comparison in learnt["comparisons"]:
        name = comparison["output_column_name"]
        found[name] = {}
        for level in comparison["comparison_levels"]:
            if level.get("is_null_level"):
                continue
            label = level["label_for_charts"]
            usual = known.get(name, {}).get(label, [RARE * 10, RARE])
            m, u = (level.get(f"{side}_probability", usual[place]) for place, side in enumerate("mu"))
            found[name][label] = [round(max(float(m), RARE), 8), round(max(float(u), RARE), 8)]
    return found
