"""Read and write the tables of identity: every statement of linking stands here, each set-based."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

import orjson
import polars as pl

from wye.identity.assign import Changes, Link
from wye.identity.features import COLUMNS, GROUP, RAW
from wye.store.database import Connection
from wye.store.ids import uuid7

LISTS = ("postcodes", "homes", "phones", "emails", "duplicates")

LARGE = 500
"""Changed records from which tables are analysed anew."""

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('wye.identity'))"

TAKE = """WITH taken AS (
 DELETE FROM canonical.changed WHERE subject IN (
  SELECT subject FROM canonical.changed ORDER BY changed_at, subject LIMIT %s FOR UPDATE SKIP LOCKED)
 RETURNING subject)
INSERT INTO looked_at (record) SELECT subject FROM taken"""

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

FEATURES: LiteralString = """COPY (
 SELECT record, source, given, known_as, middle, family, birth_date, sex, nhs_number,
  array_to_string(postcodes, E'\\x1e'), array_to_string(homes, E'\\x1e'), array_to_string(phones, E'\\x1e'),
  array_to_string(emails, E'\\x1e'), array_to_string(duplicates, E'\\x1e'), sealed
 FROM identity.feature ORDER BY record
) TO STDOUT (FORMAT csv)"""

DIFFER = " OR ".join(f"n.{name} IS DISTINCT FROM f.{name}" for name in COLUMNS[1:])

# Records whose features are new or changed, and those that left their source (`gone`).
UPSERT = f"""WITH other AS (
 SELECT n.record FROM new_feature n LEFT JOIN identity.feature f USING (record) WHERE f.record IS NULL OR {DIFFER}),
gone AS (
 DELETE FROM identity.feature f USING looked_at w WHERE f.record = w.record
  AND NOT EXISTS (SELECT FROM new_feature n WHERE n.record = f.record) RETURNING f.record),
written AS (
 INSERT INTO identity.feature SELECT n.* FROM new_feature n JOIN other USING (record)
 ON CONFLICT (record) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])})
SELECT record, false FROM other UNION ALL SELECT record, true FROM gone"""  # noqa: S608  column names of our own


def take(conn: Connection, batch: int) -> int:
    """Take up to `batch` changed subjects off the list, oldest first; identify runs one at a time."""
    conn.execute(ONE_AT_A_TIME)
    conn.execute("DROP TABLE IF EXISTS pg_temp.looked_at")
    conn.execute("CREATE TEMP TABLE looked_at (record uuid PRIMARY KEY) ON COMMIT DROP")
    taken = conn.execute(TAKE, (batch,)).rowcount
    conn.execute("ANALYZE looked_at")
    return taken


def raw_features(conn: Connection) -> pl.DataFrame:
    """Read the raw columns of the records that `take` took (features.RAW)."""
    return _read_csv(conn, RAW_FEATURES, cast("dict[str, Any]", RAW))


def keep_features(conn: Connection, features: pl.DataFrame) -> tuple[set[UUID], set[UUID]]:
    """Write features; tell the records whose features are new or changed, and those that are there no longer."""
    conn.execute("DROP TABLE IF EXISTS pg_temp.new_feature")
    conn.execute("CREATE TEMP TABLE new_feature (LIKE identity.feature) ON COMMIT DROP")
    with conn.cursor() as cursor, cursor.copy("COPY new_feature FROM STDIN") as copy:
        for row in features.iter_rows():
            copy.write_row(row)
    conn.execute("ANALYZE new_feature")
    found = cast("list[tuple[UUID, bool]]", conn.execute(UPSERT).fetchall())
    return {record for record, gone in found if not gone}, {record for record, gone in found if gone}


def features(conn: Connection) -> pl.DataFrame:
    """Read the features of all records, in the order of record ids."""
    schema = dict.fromkeys(COLUMNS, pl.String) | {"sealed": pl.Boolean}
    found = _read_csv(conn, FEATURES, schema)
    parted = [pl.col(name).fill_null("").str.split(GROUP).list.filter(pl.element() != "") for name in LISTS]
    return found.with_columns(parted)


def _read_csv(conn: Connection, statement: LiteralString, schema: Mapping[str, Any]) -> pl.DataFrame:
    buffer = io.BytesIO()
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            buffer.write(block)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    text = dict.fromkeys(schema, pl.String)
    read = pl.read_csv(buffer, has_header=False, schema=text)
    return read.with_columns(pl.col("sealed") == "t")


def model_in_force(conn: Connection) -> tuple[int, dict[str, Any]] | None:
    """Read the newest model that was learnt here: from how many records, and its parameters."""
    found = conn.execute("SELECT records, parameters FROM identity.model ORDER BY id DESC LIMIT 1").fetchone()
    return cast("tuple[int, dict[str, Any]] | None", found)


def keep_model(conn: Connection, records: int, parameters: Mapping[str, Any], at: datetime) -> None:
    """Keep a model that was learnt."""
    body = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS).decode()
    conn.execute("INSERT INTO identity.model VALUES (%s, %s, %s, %s)", (uuid7(), at, records, body))


def links_of(conn: Connection, records: Iterable[UUID]) -> dict[UUID, Link]:
    """Read the links in force of these records, and of every other record of the same persons."""
    found = conn.execute(
        """SELECT o.record, o.person, o.kind, p.created_at FROM identity.person_link o
        JOIN identity.person p ON p.person = o.person WHERE o.superseded_at IS NULL AND o.person IN (
         SELECT person FROM identity.person_link WHERE superseded_at IS NULL AND record = ANY(%s))""",
        (list(records),),
    ).fetchall()
    return {record: Link(person, kind, since) for record, person, kind, since in cast("list[Any]", found)}


def decisions(conn: Connection, records: Sequence[UUID]) -> list[tuple[UUID, UUID, str]]:
    """Read what humans decided about pairs that touch these records."""
    found = conn.execute(
        """SELECT record_a, record_b, decision FROM identity.doubt WHERE decision IS NOT NULL
        AND (record_a = ANY(%(records)s) OR record_b = ANY(%(records)s))""",
        {"records": list(records)},
    ).fetchall()
    return cast("list[tuple[UUID, UUID, str]]", found)


def keep_changes(conn: Connection, changes: Changes, at: datetime) -> None:
    """Write new persons, end the links that move, append the new ones, and keep the events."""
    with conn.cursor() as cursor:
        with cursor.copy("COPY identity.person FROM STDIN") as copy:
            for person in changes.new:
                copy.write_row((person, at))
        moving = [move.record for move in changes.moves if move.before]
        stamp = instant(conn, moving, at)
        cursor.execute(
            "UPDATE identity.person_link SET superseded_at = %s WHERE superseded_at IS NULL AND record = ANY(%s)",
            (stamp, moving),
        )
        with cursor.copy("COPY identity.person_link (record, person, kind, reason, recorded_at) FROM STDIN") as copy:
            for move in changes.moves:
                copy.write_row((move.record, move.after, move.kind, move.reason, stamp))
        with cursor.copy("COPY identity.event (id, kind, kept, other, records, reason, actor, at) FROM STDIN") as copy:
            for event in changes.events:
                records = list(event.records)
                copy.write_row((uuid7(), event.kind, event.kept, event.other, records, event.reason, "wye", stamp))


def instant(conn: Connection, records: Sequence[UUID], at: datetime) -> datetime:
    """Give the instant of a change of these records' links: `at`, or just after their latest, so that history has order."""
    found = conn.execute(
        "SELECT greatest(%s::timestamptz, max(recorded_at) + interval '1 microsecond') FROM identity.person_link"
        " WHERE record = ANY(%s)",
        (at, list(records)),
    ).fetchone()
    return cast("datetime", found[0] if found else at)


def keep_doubts(
    conn: Connection, looked_at: Sequence[UUID], doubts: Sequence[tuple[UUID, UUID, float]], at: datetime
) -> None:
    """Make these the undecided pairs among the records looked at; what a human decided stays."""
    conn.execute("DROP TABLE IF EXISTS pg_temp.new_doubt")
    conn.execute("CREATE TEMP TABLE new_doubt (a uuid, b uuid, weight double precision) ON COMMIT DROP")
    with conn.cursor() as cursor, cursor.copy("COPY new_doubt FROM STDIN") as copy:
        for row in doubts:
            copy.write_row(row)
    conn.execute(
        """DELETE FROM identity.doubt d WHERE decided_at IS NULL AND (record_a = ANY(%(all)s) OR record_b = ANY(%(all)s))
        AND NOT EXISTS (SELECT FROM new_doubt n WHERE n.a = d.record_a AND n.b = d.record_b)""",
        {"all": list(looked_at)},
    )
    conn.execute(
        """INSERT INTO identity.doubt (record_a, record_b, weight, found_at) SELECT a, b, weight, %s FROM new_doubt
        ON CONFLICT (record_a, record_b) DO UPDATE SET weight = excluded.weight WHERE doubt.decided_at IS NULL""",
        (at,),
    )


def analyse(conn: Connection, changes: int) -> None:
    """Let the planner see tables that a large batch has just filled: without it, reading back takes hours, not seconds."""
    if changes >= LARGE:
        conn.execute("ANALYZE canonical.row, identity.person_link, identity.feature")


def persons_of_looked_at(conn: Connection) -> list[UUID]:
    """Read the persons of the records that `take` took."""
    found = conn.execute(
        "SELECT DISTINCT l.person FROM identity.person_link l JOIN looked_at w USING (record) WHERE l.superseded_at IS NULL"
    ).fetchall()
    return [person for (person,) in cast("list[tuple[UUID]]", found)]
