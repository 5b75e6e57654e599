"""Read and write what linking compares: records to look at, their raw columns, and features."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, cast
from uuid import UUID

import polars as pl

from wye.identity.features import COLUMNS, RAW, UNIT
from wye.identity.rows import ONE_AT_A_TIME
from wye.store.csv_copy import read_csv
from wye.store.database import Connection

LISTS = ("postcodes", "homes", "address_words", "phones", "emails", "duplicates")
COUNTS = ("given_count", "family_count", "names_count", "namesakes_count")
"""How many records bear the name, as counted for the footing; 0 where it was not there then."""

TYPES: Mapping[str, Any] = {
    **dict.fromkeys(COLUMNS, pl.String),
    **dict.fromkeys(LISTS, pl.List(pl.String)),
    "sealed": pl.Boolean,
    **dict.fromkeys(COUNTS, pl.Int64),
}
"""What a feature's row holds: COLUMNS, then COUNTS."""
Feature = tuple[Any, ...]
"""One record's features, as TYPES says."""

TAKE = """WITH taken AS (
 DELETE FROM canonical.changed WHERE subject IN (
  SELECT subject FROM canonical.changed ORDER BY changed_at, subject LIMIT %s FOR UPDATE SKIP LOCKED)
 RETURNING subject)
INSERT INTO looked_at (record) SELECT subject FROM taken"""

# Tables of a session: to make them anew for each run takes longer than to link one person. A run empties them first, for
# it may be the second one in a transaction.
LOOKED_AT: LiteralString = """CREATE TEMP TABLE IF NOT EXISTS looked_at (record uuid PRIMARY KEY) ON COMMIT DELETE ROWS;
DELETE FROM looked_at"""

# One raw row to a record: its person row, and what hangs on it. E'\\x1f' parts fields, E'\\x1e' parts items.
RAW_FEATURES: LiteralString = """COPY (
 SELECT w.record, max(r.source) FILTER (WHERE p), max(r.body->>'given_name') FILTER (WHERE p),
  max(r.body->>'middle_names') FILTER (WHERE p), max(r.body->>'family_name') FILTER (WHERE p),
  max(r.body->>'birth_date') FILTER (WHERE p), max(r.body->>'sex') FILTER (WHERE p),
  max(r.body->>'nhs_number') FILTER (WHERE p),
  string_agg(coalesce(r.body->>'postcode', '') || E'\\x1f' || coalesce(r.body->>'lines', ''), E'\\x1e')
   FILTER (WHERE r.entity = 'address'),
  string_agg(r.body->>'value', E'\\x1e') FILTER (WHERE r.entity = 'contact_point' AND r.body->>'kind' <> 'email'),
  string_agg(r.body->>'value', E'\\x1e') FILTER (WHERE r.entity = 'contact_point' AND r.body->>'kind' = 'email'),
  string_agg(r.body->>'other', E'\\x1e') FILTER (WHERE r.entity = 'relationship' AND r.body->>'kind' = 'duplicate'),
  coalesce(bool_or(r.entity = 'flag' AND r.body->>'kind' = 'former-identity-sealed'), false)
 FROM looked_at w
 JOIN LATERAL (SELECT *, entity = 'person' AND record = subject AS p FROM canonical.row
   WHERE subject = w.record AND superseded_at IS NULL
   AND entity IN ('person', 'address', 'contact_point', 'relationship', 'flag')) r ON true
 GROUP BY w.record HAVING bool_or(p)
) TO STDOUT (FORMAT csv)"""

COUNTED: LiteralString = """
 LEFT JOIN identity.frequency g ON g.key = hashtextextended('given/' || f.given, 0)
 LEFT JOIN identity.frequency s ON s.key = hashtextextended('family/' || f.family, 0)
 LEFT JOIN identity.frequency b ON b.key = hashtextextended('names/' || given || ' ' || family, 0)
 LEFT JOIN identity.frequency n ON n.key = hashtextextended('namesakes/' || given || ' ' || family || ' ' || birth_date, 0)
"""
BORNE: LiteralString = "coalesce(g.records, 0), coalesce(s.records, 0), coalesce(b.records, 0), coalesce(n.records, 0)"

# Features with how many bear each name: as CSV, or as rows where there are few.
FEATURES: LiteralString = f"""COPY (
 SELECT f.record, source, given, known_as, middle, family, birth_date, sex, nhs_number,
  array_to_string(postcodes, E'\\x1f'), array_to_string(homes, E'\\x1f'), array_to_string(address_words, E'\\x1f'),
  array_to_string(phones, E'\\x1f'),
  array_to_string(emails, E'\\x1f'), array_to_string(duplicates, E'\\x1f'), sealed, {BORNE}
 FROM {{origin}} {COUNTED} ORDER BY f.record
) TO STDOUT (FORMAT csv)"""  # noqa: S608  our own text
ROWS: LiteralString = f"""SELECT f.record::text, source, given, known_as, middle, family, birth_date, sex, nhs_number,
 postcodes, homes, address_words, phones, emails, duplicates, sealed, {BORNE} FROM {{origin}} {COUNTED}"""  # noqa: S608  as above
WANTED: LiteralString = " WHERE f.record = ANY(%s::uuid[]) ORDER BY"
ALL: LiteralString = FEATURES.replace("{origin}", "identity.feature f")
OLD: LiteralString = FEATURES.replace("{origin}", "old_feature f")
SOME: LiteralString = ALL.replace(" ORDER BY", WANTED)
OLD_ROWS: LiteralString = ROWS.replace("{origin}", "old_feature f") + " ORDER BY f.record"
SOME_ROWS: LiteralString = ROWS.replace("{origin}", "identity.feature f") + WANTED + " f.record"
MANY = 500
"""Records from which a CSV is read faster than rows are."""

DIFFER = " OR ".join(f"n.{name} IS DISTINCT FROM f.{name}" for name in COLUMNS[1:])
MADE = ", ".join(f"string_to_array({name}, E'\\x1f') AS {name}" if name in LISTS else name for name in COLUMNS)

# As above.
STAGE = f"""CREATE TEMP TABLE IF NOT EXISTS staged_feature (
 record uuid, source text, {" text, ".join(COLUMNS[2:-1])} text, sealed boolean) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS new_feature (LIKE identity.feature) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS altered_feature (record uuid, new boolean) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS old_feature (LIKE identity.feature) ON COMMIT DELETE ROWS;
DELETE FROM staged_feature; DELETE FROM new_feature; DELETE FROM altered_feature; DELETE FROM old_feature"""  # noqa: S608  as above

MAKE = f"INSERT INTO new_feature ({', '.join(COLUMNS)}) SELECT {MADE} FROM staged_feature"  # noqa: S608  columns of our own

ALTERED = f"""INSERT INTO altered_feature
SELECT n.record, f.record IS NULL FROM new_feature n LEFT JOIN identity.feature f USING (record)
WHERE f.record IS NULL OR {DIFFER}"""  # noqa: S608  as above

# What was, of records whose features change and of those that left their source.
REMEMBER = """INSERT INTO old_feature
SELECT f.* FROM identity.feature f JOIN altered_feature a USING (record) WHERE NOT a.new
UNION ALL
SELECT f.* FROM identity.feature f JOIN looked_at w USING (record)
WHERE NOT EXISTS (SELECT FROM new_feature n WHERE n.record = f.record)"""

REMOVE = """DELETE FROM identity.feature f USING looked_at w WHERE f.record = w.record
AND NOT EXISTS (SELECT FROM new_feature n WHERE n.record = f.record) RETURNING f.record"""

WRITE = f"""INSERT INTO identity.feature ({", ".join(COLUMNS)}) SELECT {", ".join(f"n.{name}" for name in COLUMNS)} FROM new_feature n
JOIN altered_feature USING (record)
ON CONFLICT (record) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])}"""  # noqa: S608  as above


@dataclass(frozen=True, slots=True)
class Altered:
    """Hold which records have new features, which have other ones than before, and which left their source."""

    new: frozenset[UUID]
    other: frozenset[UUID]
    gone: frozenset[UUID]

    @property
    def present(self) -> frozenset[UUID]:
        """Give those that are there."""
        return self.new | self.other


def take(conn: Connection, batch: int) -> int:
    """Take up to `batch` changed subjects off the list, oldest first; identify runs one at a time."""
    conn.execute(f"{ONE_AT_A_TIME}; {LOOKED_AT}")
    taken = conn.execute(TAKE, (batch,)).rowcount
    conn.execute("ANALYZE looked_at")
    return taken


def raw_features(conn: Connection) -> pl.DataFrame:
    """Read the raw columns of the records that `take` took (features.RAW)."""
    return read_csv(conn, RAW_FEATURES, cast("dict[str, Any]", RAW))


def keep_features(conn: Connection, features: pl.DataFrame) -> Altered:
    """Write features; tell what is new, other and gone. What was before stays readable by `old_features`."""
    conn.execute(STAGE)
    flat = features.with_columns(pl.col(name).list.join(UNIT).fill_null("") for name in LISTS)
    with conn.cursor() as cursor, cursor.copy("COPY staged_feature FROM STDIN (FORMAT csv)") as copy:
        copy.write(flat.write_csv(include_header=False).encode())
    conn.execute(f"{MAKE}; ANALYZE new_feature (record); {ALTERED}; ANALYZE altered_feature; {REMEMBER}")
    gone = cast("list[tuple[UUID]]", conn.execute(REMOVE).fetchall())
    conn.execute(WRITE)
    found = cast("list[tuple[UUID, bool]]", conn.execute("SELECT record, new FROM altered_feature").fetchall())
    return Altered(
        frozenset(record for record, new in found if new),
        frozenset(record for record, new in found if not new),
        frozenset(record for (record,) in gone),
    )


def old_features(conn: Connection, count: int) -> list[Feature] | pl.DataFrame:
    """Read what the features of `count` altered and gone records were, in the order of record ids: rows, or columns where
    they are MANY.
    """
    if count > MANY:
        return _features(conn, OLD)
    return cast("list[Feature]", conn.execute(OLD_ROWS).fetchall())


def features(conn: Connection) -> pl.DataFrame:
    """Read the features of all records, with COUNTS, in the order of record ids."""
    return _features(conn, ALL)


def features_of(conn: Connection, records: Iterable[str]) -> pl.DataFrame:
    """Read the features of these records, with COUNTS, in the order of record ids."""
    return _features(conn, SOME, ["{" + ",".join(records) + "}"])


def some(conn: Connection, records: Sequence[str]) -> list[Feature] | pl.DataFrame:
    """Read the features of these records, in the order of record ids: rows, or columns where they are MANY."""
    if len(records) > MANY:
        return features_of(conn, records)
    return cast("list[Feature]", conn.execute(SOME_ROWS, ["{" + ",".join(records) + "}"]).fetchall())


def _features(conn: Connection, statement: LiteralString, values: list[str] | None = None) -> pl.DataFrame:
    found = read_csv(conn, statement, TYPES, values)
    parted = [pl.col(name).fill_null("").str.split(UNIT).list.filter(pl.element() != "") for name in LISTS]
    return found.with_columns(parted)
