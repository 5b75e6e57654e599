"""Read and write blocking keys, name counts, and the footing that all links in force were weighed on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast

import numpy as np
import polars as pl

from wye.identity import model
from wye.identity.weigh import Bearers
from wye.store.database import Connection

COUNT: LiteralString = """INSERT INTO identity.frequency
SELECT hashtextextended(kind || name, 0), count(*) FROM (
 SELECT 'given/' AS kind, given AS name FROM identity.feature UNION ALL SELECT 'family/', family FROM identity.feature
 UNION ALL SELECT 'names/', given || ' ' || family FROM identity.feature
 UNION ALL SELECT 'namesakes/', given || ' ' || family || ' ' || birth_date FROM identity.feature) n
WHERE name IS NOT NULL GROUP BY kind, name
-- Names together count only beyond two records (shared_names.py): the rest would be most of the table.
HAVING kind IN ('given/', 'family/') OR count(*) > 2
ON CONFLICT (key) DO UPDATE SET records = excluded.records"""

STAND = """INSERT INTO identity.footing (form, counted_at, records, given, family, features)
SELECT %s, %s, count(*), count(given), count(family), count(*) FROM identity.feature
ON CONFLICT (one) DO UPDATE SET form = excluded.form, counted_at = excluded.counted_at, records = excluded.records,
 given = excluded.given, family = excluded.family, features = excluded.features"""

FORGET = """DELETE FROM identity.block b USING unnest(%s::bigint[], %s::uuid[]) AS o (key, record)
WHERE b.key = o.key AND b.record = o.record"""

ADD = "INSERT INTO identity.block SELECT * FROM unnest(%s::bigint[], %s::uuid[]) ON CONFLICT DO NOTHING"

# Records of the keys that have come to be shared by more than CROWD, or no longer are: their pairs went or came.
CROSSED = """WITH now AS (
 SELECT t.key, t.grown, (SELECT count(*) FROM (
   SELECT FROM identity.block b WHERE b.key = t.key LIMIT %(crowd)s + 1 + greatest(t.grown, 0)) c) AS records
 FROM unnest(%(keys)s::bigint[], %(grown)s::int[]) AS t (key, grown))
SELECT DISTINCT b.record::text FROM now JOIN identity.block b USING (key)
WHERE (now.records <= %(crowd)s) <> (now.records - now.grown <= %(crowd)s)"""

# Records that share a key with the given ones, unless a crowd does.
NEAR = """WITH wanted AS MATERIALIZED (SELECT * FROM unnest(%(keys)s::bigint[], %(places)s::int[]) AS w (key, n)),
calm AS MATERIALIZED (SELECT w.key, found.records FROM (SELECT DISTINCT key FROM wanted) w CROSS JOIN LATERAL (
 SELECT array_agg(record) AS records FROM (
  SELECT b.record FROM identity.block b WHERE b.key = w.key LIMIT %(crowd)s + 1) c) found
 WHERE cardinality(found.records) <= %(crowd)s)
SELECT w.n, unnest(calm.records)::text FROM wanted w JOIN calm USING (key)"""

ROW = np.dtype([("fields", ">i2"), ("eight", ">i4"), ("key", ">i8"), ("sixteen", ">i4"), ("record", "V16")])
"""A row of COPY's binary format: two fields, a bigint and a UUID, each after its length."""
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
CHUNK = 200_000

Keyed = tuple[int, int]
"""A record's place, and one of its blocking keys."""


@dataclass(frozen=True, slots=True)
class Footing:
    """Hold what every link in force was weighed on."""

    form: str
    records: int
    bearers: Bearers
    features: int
    """Records now; the others are as of the counting."""


def footing(conn: Connection) -> Footing | None:
    """Read the footing; none before the first run."""
    found = conn.execute("SELECT form, records, given, family, features FROM identity.footing").fetchone()
    if found is None:
        return None
    form, records, given, family, features = cast("tuple[str, int, int, int, int]", found)
    return Footing(form, records, Bearers(given, family), features)


def count(conn: Connection) -> int:
    """Count the records that have features."""
    return cast("tuple[int]", conn.execute("SELECT count(*) FROM identity.feature").fetchone())[0]


def stand(conn: Connection, form: str, at: datetime) -> Footing:
    """Count names anew and make this the footing; every record has to be looked at again."""
    conn.execute("TRUNCATE identity.frequency")
    conn.execute(COUNT)
    conn.execute(STAND, (form, at))
    conn.execute("ANALYZE identity.frequency")
    return cast("Footing", footing(conn))


def grow(conn: Connection, features: int) -> None:
    """Note how many records there are now."""
    conn.execute("UPDATE identity.footing SET features = %s WHERE features <> %s", (features, features))


def replace_all(conn: Connection, keys: pl.DataFrame, records: Sequence[str]) -> None:
    """Put these keys (n, key), in the order of keys, in the place of all that are kept; `records` are record ids by n."""
    conn.execute("TRUNCATE identity.block")
    raw = np.frombuffer(bytes.fromhex("".join(records).replace("-", "")), "V16")
    with conn.cursor() as cursor, cursor.copy("COPY identity.block FROM STDIN (FORMAT binary)") as copy:
        copy.write(SIGNATURE)
        for chunk in keys.iter_slices(CHUNK):
            rows = np.zeros(chunk.height, ROW)
            rows["fields"], rows["eight"], rows["sixteen"] = 2, 8, 16
            rows["key"], rows["record"] = chunk["key"].to_numpy(), raw[chunk["n"].to_numpy()]
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
    conn.execute("ANALYZE identity.block")


def swap(conn: Connection, before: AbstractSet[tuple[int, str]], after: AbstractSet[tuple[int, str]]) -> list[str]:
    """Replace the keys of some records (key, record), and give the records of each key that became, or ceased to be,
    too common to bring pairs.
    """
    ended, begun = before - after, after - before
    for statement, pairs in ((FORGET, ended), (ADD, begun)):
        if pairs:
            conn.execute(statement, (_array(key for key, _ in pairs), _array(record for _, record in pairs)))
    grown = Counter(key for key, _ in begun)
    grown.subtract(key for key, _ in ended)
    if not grown:
        return []
    values = {"keys": _array(grown), "grown": _array(grown.values()), "crowd": model.CROWD}
    return [record for (record,) in cast("list[tuple[str]]", conn.execute(CROSSED, values).fetchall())]


def near(conn: Connection, keys: Sequence[Keyed]) -> list[tuple[int, str]]:
    """Find the records that share a key with the given places; a pair may come more than once, or be one record."""
    values = {"keys": _array(key for _, key in keys), "places": _array(n for n, _ in keys), "crowd": model.CROWD}
    return cast("list[tuple[int, str]]", conn.execute(NEAR, values).fetchall())


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"
