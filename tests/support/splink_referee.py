"""Weigh pairs with Splink's own predict: slow for a few pairs, and the referee of ours."""

import logging
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from wye.identity import model
from wye.identity.weigh import usual_share


def weights(
    features: pl.DataFrame, pairs: list[tuple[int, int]], parameters: dict[str, Any]
) -> dict[tuple[int, int], float]:
    """Weigh each pair of places (lower first) of these features."""
    duck = duckdb.connect(":memory:")
    duck.register("given", features.with_row_index("n").to_arrow())
    duck.execute("CREATE TABLE feature AS SELECT n::INTEGER AS n, * EXCLUDE (n) FROM given")
    linker = splink_linker(DuckDBAPI(connection=duck), duck, features.height, parameters)
    blocked = pl.DataFrame(pairs, schema={"join_key_l": pl.Int32, "join_key_r": pl.Int32}, orient="row")
    duck.register("chosen", blocked.with_columns(match_key=pl.lit("0")).to_arrow())
    duck.execute("CREATE TABLE blocked AS SELECT * FROM chosen")
    linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("blocked"))
    scored = linker.inference.predict(warning_mode="never")
    rows = duck.sql(f"SELECT n_l, n_r, match_weight FROM {scored.physical_name}").fetchall()  # noqa: S608  our own text
    duck.close()
    return {(min(a, b), max(a, b)): weight for a, b, weight in rows}


def splink_linker(api: Any, duck: duckdb.DuckDBPyConnection, records: int, parameters: dict[str, Any]) -> Any:
    """Make a Splink linker over the table `feature`, with our name frequencies."""
    linker = Linker(
        api.register("feature"), model.settings(parameters, records), log_level=logging.ERROR, validate_settings=False
    )
    for column, comparison in (("given", "given_name"), ("family", "family_name")):
        usual = model.SMOOTHING * usual_share(parameters["comparisons"][comparison])
        duck.execute(
            f"""CREATE OR REPLACE TABLE frequency_{column} AS
            SELECT {column}, (count(*) + {usual}) / (sum(count(*)) OVER () + {model.SMOOTHING}) AS tf_{column}
            FROM feature WHERE {column} IS NOT NULL GROUP BY {column}"""  # noqa: S608  our own text
        )
        linker.table_management.register_term_frequency_lookup(api.register(f"frequency_{column}"), column)
    return linker
