"""Keep features in DuckDB, in memory, and weigh pairs of them: the rules first, the model for every pair.

Most sensitive class: identifier. Nothing is written to disk.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import duckdb
import polars as pl

from wye.identity import model
from wye.identity.rules import rule_case
from wye.identity.weigh import Bearers, weight

TABLE = """CREATE TABLE feature (n INTEGER, record VARCHAR, source VARCHAR, given VARCHAR, known_as VARCHAR, middle VARCHAR,
 family VARCHAR, birth_date VARCHAR, sex VARCHAR, nhs_number VARCHAR, postcodes VARCHAR[], homes VARCHAR[],
 address_words VARCHAR[], phones VARCHAR[], emails VARCHAR[], duplicates VARCHAR[], sealed BOOLEAN,
 given_count BIGINT, family_count BIGINT, names_count BIGINT, namesakes_count BIGINT)"""

ADD = "INSERT INTO feature BY NAME SELECT * FROM given"

KEYED: Mapping[str, pl.DataType] = {"n": pl.Int32(), "key": pl.Int64()}

WEIGHED: Mapping[str, pl.DataType] = {
    "a": pl.Int32(), "b": pl.Int32(), "rule": pl.Int32(), "door": pl.Boolean(), "weight": pl.Float64(),
}  # fmt: skip
"""What weighing gives: a pair, the place in RULES of the rule that holds (or null), whether they share a door."""


MARKED = "(list_contains(l.duplicates, r.record) OR list_contains(r.duplicates, l.record))"

DOOR = "list_has_any(l.homes, r.homes)"


def keys_sql(rows: str = "feature", blocks: Mapping[str, str] = model.BLOCKS) -> str:
    """Write the blocking keys of rows of features as (n, key): blocks in one statement, each key hashed with its kind."""
    kinds = ", ".join(str(kind) for kind in range(len(blocks)))
    # md5, not for security: it is the same in PostgreSQL's and DuckDB's next versions, and in evaluate.py. A hash is a
    # UBIGINT; PostgreSQL has none, so it is moved down into a bigint.
    return f"""SELECT DISTINCT n, (md5_number_lower(kind || '/' || key)::HUGEINT - 9223372036854775808)::BIGINT AS key FROM (
         SELECT n, kind, unnest(keys) AS key FROM (
          SELECT n, unnest([{kinds}]) AS kind, unnest([{", ".join(blocks.values())}]) AS keys
          FROM {rows} WHERE NOT sealed)) WHERE key IS NOT NULL"""  # noqa: S608  our own text


class Scales:
    """Hold features by a number `n` each, and weigh pairs of these numbers."""

    def __init__(self, parameters: model.Parameters, records: int, bearers: Bearers) -> None:
        self.duck = duckdb.connect(":memory:")
        self.duck.execute(TABLE)
        self.duck.execute("CREATE TABLE pair (a INTEGER, b INTEGER)")
        self.duck.execute("CREATE TABLE wanted (n INTEGER)")
        # Prepared, and filtered afterwards: planning takes longer than weighing a few pairs, and a condition on the
        # weight would have it worked out twice.
        rule = rule_case().replace("marked", MARKED)
        self.duck.execute(f"""PREPARE weigh AS SELECT a, b, {rule} AS rule, {DOOR} AS door,
            {weight(parameters, records, bearers)} AS weight
            FROM pair JOIN feature l ON l.n = a JOIN feature r ON r.n = b""")  # noqa: S608  our own text
        self.duck.execute(f"PREPARE keys AS {keys_sql('wanted JOIN feature USING (n)')}")

    def close(self) -> None:
        """Let go of the memory."""
        self.duck.close()

    def empty(self) -> None:
        """Put all features away."""
        self.duck.execute("DELETE FROM feature")

    def add(self, features: pl.DataFrame) -> None:
        """Add features; `n` is among their columns, and both name counts."""
        self.duck.register("given", features.to_arrow())
        self.duck.execute(ADD)
        self.duck.unregister("given")

    def keys(self, places: Sequence[int]) -> pl.DataFrame:
        """Give the blocking keys of these: n, key."""
        self._fill("wanted", pl.DataFrame({"n": pl.Series(places, dtype=pl.Int32)}))
        return self._table("EXECUTE keys", KEYED)

    def weigh(self, pairs: pl.DataFrame | None = None, least: float | None = None) -> pl.DataFrame:
        """Weigh pairs (a, b), or those in the table `pair`: those that reach `least` (DOUBT), or for which a rule holds."""
        if pairs is not None:
            self._fill("pair", pairs)
        found = self._table("EXECUTE weigh", WEIGHED)
        return found.filter(
            pl.col("rule").is_not_null() | (pl.col("weight") >= (model.DOUBT if least is None else least))
        ).sort("a", "b")

    def _fill(self, table: str, rows: pl.DataFrame) -> None:
        self.duck.register("given", rows.to_arrow())
        self.duck.execute(f"DELETE FROM {table}")  # noqa: S608  a table of our own
        self.duck.execute(f"INSERT INTO {table} BY NAME SELECT * FROM given")  # noqa: S608  as above
        self.duck.unregister("given")

    def _table(self, statement: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        return cast("pl.DataFrame", pl.from_arrow(self.duck.sql(statement).to_arrow_table())).cast(schema)  # type: ignore[arg-type]  # polars' own types
