"""Store restrictions of records and what was referred because of one: rows are added and never changed.

A restriction goes along with the records that were the person's when it was set. Where these are now of two people, it counts
for both: nobody knows for whom of them it was meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.database import Connection

EVERYONE, ACCOUNT, PARTY = "everyone", "account", "party"

_OF: LiteralString = """WITH asked AS (
 SELECT l.person, r.restriction FROM identity.person_link AS l
 JOIN sharing.restriction_record AS r ON r.record = l.record WHERE l.superseded_at IS NULL AND l.person = ANY(%(persons)s)
 UNION SELECT t.person, t.id FROM sharing.restriction AS t WHERE t.person = ANY(%(persons)s))
SELECT a.person, t.id, t.against, t.name, t.may_look, t.set_by, t.set_at, t.ciphertext, d.id, d.lifted_by, d.lifted_at,
 d.ciphertext FROM asked AS a JOIN sharing.restriction AS t ON t.id = a.restriction
LEFT JOIN sharing.restriction_lifted AS d ON d.restriction = t.id"""

_STANDING: LiteralString = f"{_OF} WHERE d.id IS NULL ORDER BY t.set_at, t.id"
_EVER: LiteralString = f"{_OF} ORDER BY t.set_at, t.id"

_STOOD: LiteralString = """SELECT t.against, t.name FROM (
 SELECT r.restriction FROM sharing.restriction_record AS r WHERE r.record = ANY(%(records)s)
 UNION SELECT s.id FROM sharing.restriction AS s WHERE s.person = %(person)s) AS a
JOIN sharing.restriction AS t ON t.id = a.restriction LEFT JOIN sharing.restriction_lifted AS d ON d.restriction = t.id
WHERE t.set_at <= %(at)s AND (d.id IS NULL OR d.lifted_at > %(at)s)"""


@dataclass(frozen=True, slots=True)
class Lifted:
    """Be the row by which a restriction no longer counts; why is still sealed."""

    id: UUID
    lifted_by: str
    lifted_at: datetime
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Restriction:
    """Be a stored restriction; why it was set is still sealed."""

    person: UUID
    """Who has it now."""
    id: UUID
    against: str
    """everyone, account or party."""
    name: str | None
    """The account or the party."""
    may_look: tuple[str, ...]
    """Against everyone: the accounts that may still look, the named humans."""
    set_by: str
    set_at: datetime
    ciphertext: bytes
    lifted: Lifted | None = None


def standing(conn: Connection, persons: Sequence[UUID]) -> list[Restriction]:
    """Find the restrictions of persons that count, oldest first."""
    return _read(conn, _STANDING, persons) if _anything(conn) else []


def ever(conn: Connection, persons: Sequence[UUID]) -> list[Restriction]:
    """Find every restriction of persons, those that were lifted too, oldest first."""
    return _read(conn, _EVER, persons)


def stood(conn: Connection, person: UUID, records: Sequence[UUID], at: datetime) -> list[tuple[str, str | None]]:
    """Find the restrictions that counted for a person at an instant, by the records that were theirs: (against, name)."""
    found = conn.execute(_STOOD, {"person": person, "records": list(records), "at": at}).fetchall()
    return cast("list[tuple[str, str | None]]", found)


def insert(conn: Connection, row: Restriction, records: Sequence[UUID]) -> None:
    """Add a restriction with the records that are the person's now."""
    conn.execute(
        "INSERT INTO sharing.restriction (id, person, against, name, may_look, set_by, set_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (row.id, row.person, row.against, row.name, list(row.may_look), row.set_by, row.set_at, row.ciphertext),
    )
    conn.execute(
        "INSERT INTO sharing.restriction_record (restriction, record) SELECT %s, unnest(%s::uuid[])",
        (row.id, list(records)),
    )


def insert_lifted(conn: Connection, restriction: UUID, row: Lifted) -> None:
    """Add that a restriction counts no longer; the table takes it once."""
    conn.execute(
        "INSERT INTO sharing.restriction_lifted (id, restriction, lifted_by, lifted_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s)",
        (row.id, restriction, row.lifted_by, row.lifted_at, row.ciphertext),
    )


def persons_of(conn: Connection, restriction: UUID) -> list[UUID]:
    """Name those who have a restriction now, in order; none if there is no such restriction."""
    found = conn.execute(
        "SELECT l.person FROM sharing.restriction_record AS r JOIN identity.person_link AS l ON l.record = r.record"
        " AND l.superseded_at IS NULL WHERE r.restriction = %(id)s"
        " UNION SELECT t.person FROM sharing.restriction AS t WHERE t.id = %(id)s ORDER BY 1",
        {"id": restriction},
    ).fetchall()
    return [person for (person,) in cast("list[tuple[UUID]]", found)]


def _read(conn: Connection, statement: LiteralString, persons: Sequence[UUID]) -> list[Restriction]:
    found = conn.execute(statement, {"persons": list(persons)}).fetchall()
    rows = cast(
        "list[tuple[UUID, UUID, str, str | None, list[str], str, datetime, bytes, UUID | None, str, datetime, bytes]]",
        found,
    )
    return [
        Restriction(
            person, number, against, name, tuple(may_look), set_by, set_at, sealed,
            None if lifted is None else Lifted(lifted, by, at, why),
        )
        for person, number, against, name, may_look, set_by, set_at, sealed, lifted, by, at, why in rows
    ]  # fmt: skip


def _anything(conn: Connection) -> bool:
    """Say whether anything was ever restricted: most of the time not, and then no list of people is sent to the database."""
    found = conn.execute("SELECT EXISTS (SELECT FROM sharing.restriction)").fetchone()
    return found is None or bool(found[0])
