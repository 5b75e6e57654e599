"""Read and write blocking keys, name counts, and the footing that all links in force were weighed on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast

import numpy as np
import polars as pl

from wye.identity.meeting import Placed
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

# Records of each key, one more than `most` where it has more; in one value, for a row costs as much as finding it.
SHARED = """SELECT string_agg(w.key || ',' || found.record, E'\n')
FROM unnest(%s::bigint[], %s::int[]) AS w (key, most) CROSS JOIN LATERAL (
 SELECT b.record FROM identity.block b WHERE b.key = w.key LIMIT w.most + 1) found"""

LOST: LiteralString = """SELECT NOT EXISTS (SELECT FROM identity.block)
 AND EXISTS (SELECT FROM identity.feature WHERE NOT sealed)"""

ROW = np.dtype([("fields", ">i2"), ("eight", ">i4"), ("key", ">i8"), ("sixteen", ">i4"), ("record", "V16")])
"""A row of COPY's binary format: two fields, a bigint and a UUID, each after its length."""
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
CHUNK = 200_000


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


def lost(conn: Connection) -> bool:
    """Tell whether the keys are gone: the table is unlogged, so PostgreSQL empties it when it recovers from a crash."""
    return cast("tuple[bool]", conn.execute(LOST).fetchone())[0]


def swap(conn: Connection, ended: Iterable[Placed], begun: Iterable[Placed]) -> None:
    """Take some records' keys away, and add others."""
    for statement, placed in ((FORGET, list(ended)), (ADD, list(begun))):
        if placed:
            conn.execute(statement, (_array(key for key, _ in placed), _array(record for _, record in placed)))


def shared(conn: Connection, asked: Iterable[tuple[int, int]]) -> str:
    """Find the records of each key, one more than asked for where it has more: `key,record` a line."""
    keys = list(asked)
    values = (_array(key for key, _ in keys), _array(most for _, most in keys))
    (found,) = cast("tuple[str | None]", conn.execute(SHARED, values).fetchone())
    return found or ""


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"
