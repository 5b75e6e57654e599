"""Weigh pairs with Splink's own predict: slow for a few pairs, and the referee of ours."""

import logging
from collections import Counter
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from wye.identity import model
from wye.identity.shared_names import BELIEF, KEYS
from wye.identity.training import with_keys
from wye.identity.weigh import usual_share


def weights(
    features: pl.DataFrame, pairs: list[tuple[int, int]], parameters: dict[str, Any]
) -> dict[tuple[int, int], float]:
    """Weigh each pair of places (lower first) of these features."""
    duck = duckdb.connect(":memory:")
    duck.register("given", with_keys(features).with_row_index("n").to_arrow())
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
    for column in count_names(duck, records, parameters):
        linker.table_management.register_term_frequency_lookup(api.register(f"frequency_{column}"), column)
    return linker


def count_names(duck: duckdb.DuckDBPyConnection, records: int, parameters: dict[str, Any]) -> tuple[str, ...]:
    """Make a table `frequency_<column>` of our name frequencies for each column that has any; gives the columns."""
    for column, comparison in (("given", "given_name"), ("family", "family_name")):
        usual = model.SMOOTHING * usual_share(parameters["comparisons"][comparison])
        duck.execute(
            f"""CREATE OR REPLACE TABLE frequency_{column} AS
            SELECT {column}, (count(*) + {usual}) / (sum(count(*)) OVER () + {model.SMOOTHING}) AS tf_{column}
            FROM feature WHERE {column} IS NOT NULL GROUP BY {column}"""  # noqa: S608  our own text
        )
    for column in KEYS:
        _count_together(duck, column, model.scaled(parameters, records))
    return ("given", "family", *KEYS)


def _count_together(duck: duckdb.DuckDBPyConnection, column: str, known: Any) -> None:
    """Count names that go together, and say how many times more common than chance has it; worked out here anew."""
    rows = duck.execute(
        "SELECT given, family, birth_date, names, namesakes FROM feature WHERE names IS NOT NULL"
    ).fetchall()
    everyone = duck.execute("SELECT given, family FROM feature").fetchall()
    one = {
        key: Counter(row[place] for row in everyone if row[place] is not None)
        for place, key in enumerate(("given", "family"))
    }
    both = {"names": Counter(row[3] for row in rows), "namesakes": Counter(row[4] for row in rows if row[4])}
    records = one["given"].total()
    births = known["birth_date"]["same"][1]
    found = {}
    for given, family, _, names, namesakes in rows:
        chance = 1.0
        for key, name in (("given", given), ("family", family)):
            usual = usual_share(known[f"{key}_name"])
            chance *= (one[key][name] + model.SMOOTHING * usual) / (one[key].total() + model.SMOOTHING)
        rate = (BELIEF + max(both["names"][names] - 2, 0)) / (BELIEF / chance + records)
        excess = max(1.0, rate / chance)
        if column == "names":
            found[names] = excess
        elif namesakes is not None:
            chance = max(rate, chance) * births
            rate = (BELIEF + max(both["namesakes"][namesakes] - 2, 0)) / (BELIEF / chance + records)
            found[namesakes] = excess * max(1.0, rate / chance)
    table = pl.DataFrame({column: list(found), f"tf_{column}": list(found.values())})
    duck.register("counted", table.to_arrow())
    duck.execute(f"CREATE OR REPLACE TABLE frequency_{column} AS SELECT * FROM counted")  # noqa: S608  our own text
    duck.unregister("counted")
