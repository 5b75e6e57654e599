"""Read and write blocking keys, name counts, and the footing that all links in force were weighed on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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

# Records of each key, unless it has more than `most`.
SHARED = """SELECT w.key, found.records::text FROM unnest(%s::bigint[], %s::int[]) AS w (key, most) CROSS JOIN LATERAL (
 SELECT array_agg(record) AS records FROM (
  SELECT b.record FROM identity.block b WHERE b.key = w.key LIMIT w.most + 1) c) found
WHERE cardinality(found.records) <= w.most"""

ROW = np.dtype([("fields", ">i2"), ("eight", ">i4"), ("key", ">i8"), ("sixteen", ">i4"), ("record", "V16")])
"""A row of COPY's binary format: two fields, a bigint and a UUID, each after its length."""
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
CHUNK = 200_000

Keyed = tuple[int, int]
"""A record's place, and one of its blocking keys."""
Placed = tuple[int, str]
"""A blocking key, and a record that has it."""


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


def swap(conn: Connection, before: AbstractSet[Placed], after: AbstractSet[Placed]) -> Counter[int]:
    """Replace the keys of some records; gives by how many records each key that changed has grown."""
    ended, begun = before - after, after - before
    for statement, pairs in ((FORGET, ended), (ADD, begun)):
        if pairs:
            conn.execute(statement, (_array(key for key, _ in pairs), _array(record for _, record in pairs)))
    grown = Counter(key for key, _ in begun)
    grown.subtract(key for key, _ in ended)
    return grown


def shared(conn: Connection, keys: Iterable[int], grown: Mapping[int, int]) -> dict[int, list[str]]:
    """Find the records of each of these keys, but of none that is a crowd's now and was one before it has `grown`."""
    wanted = sorted(set(keys))
    most = (model.CROWD + max(grown.get(key, 0), 0) for key in wanted)
    found = cast("list[tuple[int, str]]", conn.execute(SHARED, (_array(wanted), _array(most))).fetchall())
    return {key: records[1:-1].split(",") for key, records in found}


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"
