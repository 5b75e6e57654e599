"""Read and write the tables of identity: every statement of linking stands here, each set-based."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

import polars as pl

from wye.identity.assign import ALONE, Changes, Link
from wye.store.csv_copy import read_csv
from wye.store.database import Connection
from wye.store.ids import uuid7

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('wye.identity'))"

NEW_DOUBT = """CREATE TEMP TABLE IF NOT EXISTS new_doubt (a uuid, b uuid, weight double precision) ON COMMIT DELETE ROWS;
DELETE FROM new_doubt"""

LARGE = 500
"""Changed records from which tables are analysed anew,"""
ANEW = 0.1
"""and the share of what was there that they are at the least."""


def links_of(conn: Connection, records: Iterable[UUID]) -> dict[UUID, Link]:
    """Read the links in force of these records, and of every other record of the same persons."""
    found = conn.execute(
        """SELECT o.record, o.person, o.kind, p.created_at FROM identity.person_link o
        JOIN identity.person p ON p.person = o.person WHERE o.superseded_at IS NULL AND o.person IN (
         SELECT person FROM identity.person_link WHERE superseded_at IS NULL AND record = ANY(%s))""",
        (list(records),),
    ).fetchall()
    return {record: Link(person, kind, since) for record, person, kind, since in cast("list[Any]", found)}


def persons(conn: Connection) -> pl.DataFrame:
    """Read the person of every record: record, person."""
    return _pairs(conn, "SELECT record, person FROM identity.person_link WHERE superseded_at IS NULL", "person")


def said_same(conn: Connection) -> pl.DataFrame:
    """Read all pairs that a human found to be one person: record_a, record_b."""
    return _pairs(conn, "SELECT record_a, record_b FROM identity.doubt WHERE decision = 'same'", "record_b", "record_a")


def _pairs(conn: Connection, statement: LiteralString, second: str, first: str = "record") -> pl.DataFrame:
    return read_csv(conn, "COPY (" + statement + ") TO STDOUT (FORMAT csv)", {first: pl.String, second: pl.String})


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


def keep_loners(conn: Connection, records: Sequence[UUID], at: datetime) -> list[UUID]:
    """Make a person of each of these records, which nothing ties to anybody; gives the persons, in that order."""
    persons = [uuid7() for _ in records]
    if records:
        stamp = at.isoformat()
        links = zip(records, persons, strict=True)
        with conn.cursor() as cursor:
            with cursor.copy("COPY identity.person FROM STDIN") as copy:
                copy.write("".join(f"{person}\t{stamp}\n" for person in persons))
            with cursor.copy(
                "COPY identity.person_link (record, person, kind, reason, recorded_at) FROM STDIN"
            ) as copy:
                copy.write("".join(f"{record}\t{person}\tauto\t{ALONE}\t{stamp}\n" for record, person in links))
    return persons


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
    conn.execute(NEW_DOUBT)
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
    """Let the planner see tables that a large batch has just filled: without it, reading back takes hours, not seconds.

    A batch that is small beside what was there is left to autovacuum.
    """
    found = conn.execute("SELECT reltuples FROM pg_class WHERE oid = 'identity.person_link'::regclass").fetchone()
    if changes >= max(LARGE, ANEW * float(cast("float", found[0]) if found else 0)):
        conn.execute(
            "ANALYZE canonical.row (record, subject, entity, superseded_at), identity.person_link, identity.feature"
        )


def persons_of_looked_at(conn: Connection) -> list[UUID]:
    """Read the persons of the records that `take` took."""
    found = conn.execute(
        "SELECT DISTINCT l.person FROM identity.person_link l JOIN looked_at w USING (record) WHERE l.superseded_at IS NULL"
    ).fetchall()
    return [person for (person,) in cast("list[tuple[UUID]]", found)]
