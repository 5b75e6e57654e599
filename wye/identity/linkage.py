"""Find and weigh pairs of records with DuckDB, in memory: the rules first, the model for every pair.

Most sensitive class: identifier. Nothing is written to disk.
"""

from collections.abc import Iterable, Mapping
from typing import cast

import polars as pl

from wye.identity import model
from wye.identity.scales import Scales, keys_sql
from wye.identity.weigh import Bearers


class Linkage:
    """Hold the features of all records, ready to be compared; `n` is a record's place in the order of record ids.

    Names are counted among these features, unless they come with counts (`with_counts`) and `bearers`.
    """

    def __init__(
        self,
        features: pl.DataFrame,
        parameters: model.Parameters,
        records: int = 0,
        bearers: Bearers | None = None,
        *,
        blocks: Mapping[str, str] = model.BLOCKS,
    ) -> None:
        self.records: list[str] = features["record"].to_list()
        counted = features if bearers else with_counts(features)
        bearers = bearers or Bearers(features["given"].count(), features["family"].count())
        self.scales = Scales(parameters, records or features.height, bearers)
        self._duck = self.scales.duck
        self.scales.add(counted.with_row_index("n"))
        self._duck.execute(f"CREATE TABLE key AS {keys_sql(blocks=blocks)}")
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

    def all_pairs(self) -> None:
        """Put every pair that shares a key into the table `pair` of the scales."""
        self._duck.execute("DELETE FROM pair")
        self._duck.execute(
            "INSERT INTO pair SELECT DISTINCT x.n, y.n FROM block x JOIN block y ON x.key = y.key AND x.n < y.n"
        )

    def pairs(self, frontier: Iterable[int], least: float | None = None) -> pl.DataFrame:
        """Weigh each pair that touches the frontier: a, b (a < b), rule (its place in RULES, or null), door
        (whether they share one), weight.

        One row to a pair whose weight reaches `least` (DOUBT unless given) or for which a rule holds.
        """
        self._duck.register("asked", pl.DataFrame({"n": pl.Series(list(frontier), dtype=pl.Int32)}).to_arrow())
        self._duck.execute("DELETE FROM pair")
        self._duck.execute(
            """INSERT INTO pair SELECT DISTINCT least(x.n, y.n), greatest(x.n, y.n)
            FROM (SELECT * FROM block SEMI JOIN asked USING (n)) x JOIN block y ON x.key = y.key AND x.n <> y.n"""
        )
        self._duck.unregister("asked")
        return self.scales.weigh(least=least)


def with_counts(features: pl.DataFrame) -> pl.DataFrame:
    """Count how many of these records bear each one's names, one by one and together (shared_names.KEYS)."""
    names = pl.concat_str("given", "family", separator=" ")
    keys = {"given": pl.col("given"), "family": pl.col("family"), "names": names}
    keys["namesakes"] = pl.concat_str(names, "birth_date", separator=" ")
    counted = features.with_columns(key.alias(f"{name}_key") for name, key in keys.items())
    return counted.with_columns(
        pl.when(pl.col(f"{name}_key").is_null())
        .then(0)
        .otherwise(pl.len().over(f"{name}_key"))
        .cast(pl.Int64)
        .alias(f"{name}_count")
        for name in keys
    ).drop(f"{name}_key" for name in keys)
