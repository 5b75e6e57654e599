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

RULES_RECALL = 0.6
"""Part of the true pairs that the rules are taken to find, for the prior."""
SEED = 2026
SAMPLED_PAIRS = 2_000_000
RARE = 1e-6
"""The least that a level's m and u are believed to be: what was never seen is rare, not impossible."""


class Linkage:
    """Hold the features of all records, ready to be compared; `n` is a record's place in the order of record ids."""

    def __init__(self, features: pl.DataFrame, parameters: model.Parameters) -> None:
        self._duck = duckdb.connect(":memory:")
        self._parameters = parameters
        self._linker: Any = None
        self.records: list[str] = features["record"].to_list()
        self._duck.register("given", features.with_row_index("n").to_arrow())
        self._duck.execute("CREATE TABLE feature AS SELECT n::INTEGER AS n, * EXCLUDE (n) FROM given")
        self._duck.unregister("given")
        self._block()

    def close(self) -> None:
        """Let go of the memory."""
        self._duck.close()

    def _block(self) -> None:
        keys = " UNION ALL ".join(
            f"SELECT n, {kind} AS kind, unnest({sql}) AS key FROM feature WHERE NOT sealed"  # noqa: S608  our own text
            for kind, sql in enumerate(model.BLOCKS.values())
        )
        self._duck.execute(
            f"""CREATE TABLE block AS SELECT n, kind, key FROM (
                SELECT n, kind, hash(key) AS key, count(*) OVER (PARTITION BY kind, hash(key)) AS crowd
                FROM ({keys}) WHERE key IS NOT NULL) WHERE crowd BETWEEN 2 AND {model.CROWD}"""  # noqa: S608  our own text
        )

    def pairs(self, frontier: Iterable[int]) -> pl.DataFrame:
        """Weigh each pair that touches the frontier: a, b (a < b), rule (its place in RULES, or null), door
        (whether they share one), weight.

        One row to a pair whose weight reaches DOUBT or for which a rule holds.
        """
        self._duck.register("wanted", pl.DataFrame({"n": pl.Series(list(frontier), dtype=pl.Int32)}).to_arrow())
        self._duck.execute(
            """CREATE OR REPLACE TABLE pair AS
            SELECT DISTINCT least(x.n, y.n) AS a, greatest(x.n, y.n) AS b
            FROM (SELECT * FROM block SEMI JOIN wanted USING (n)) x
            JOIN block y ON x.kind = y.kind AND x.key = y.key AND x.n <> y.n"""
        )
        self._duck.unregister("wanted")
        self._duck.execute(
            f"""CREATE OR REPLACE TABLE ruled AS
                SELECT a, b, {rule_case()} AS rule, list_has_any(l.homes, r.homes) AS door FROM (
                SELECT p.a, p.b, l, r, list_contains(l.duplicates, r.record) OR list_contains(r.duplicates, l.record)
                AS marked FROM pair p JOIN feature l ON l.n = p.a JOIN feature r ON r.n = p.b)"""  # noqa: S608  our own text
        )
        return self._weigh()

    def _weigh(self) -> pl.DataFrame:
        if not self._duck.execute("SELECT count(*) FROM pair").fetchall()[0][0]:
            return pl.DataFrame(
                schema={"a": pl.Int32, "b": pl.Int32, "rule": pl.Int32, "door": pl.Boolean, "weight": pl.Float64}
            )
        self._duck.execute(
            "CREATE OR REPLACE TABLE blocked AS SELECT '0' AS match_key, a AS join_key_l, b AS join_key_r FROM pair"
        )
        if self._linker is None:
            self._linker = _linker(self._duck, self._parameters, len(self.records))
        blocked = self._linker._db_api.register("blocked")  # noqa: SLF001  Splink 5 gives no other way to its own API
        self._linker.table_management.register_blocked_pairs_for_predict(blocked)
        scored = self._linker.inference.predict(warning_mode="never")
        found = self._duck.sql(
            f"""SELECT a, b, rule, door, match_weight AS weight FROM ruled
                JOIN {scored.physical_name} s ON s.n_l = a AND s.n_r = b
                WHERE rule IS NOT NULL OR match_weight >= {model.DOUBT} ORDER BY a, b"""  # noqa: S608  our own text
        ).to_arrow_table()
        scored.drop_table_from_database_and_remove_from_cache()
        return cast("pl.DataFrame", pl.from_arrow(found))


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
