"""Store words that staff recorded, and answers to objections: rows are added and never changed.

A word goes along with the records that were the person's when it was said. Where these are now of two people, nobody knows
which of them said it: one that lets less be shared counts for both, one that lets more be shared for neither.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.consents import HeldConsent
from wye.store.database import Connection

STAFF = "staff"
"""The source of a word that one of us recorded; no system is named so."""

# The persons of a word: those who have a record of it now; for one that shares less, whose it was too.
_OF: LiteralString = """
WITH asked AS (
 SELECT l.person, r.word FROM identity.person_link AS l JOIN sharing.consent_word_record AS r ON r.record = l.record
 WHERE l.superseded_at IS NULL AND l.person = ANY(%(persons)s)
 UNION SELECT w.person, w.id FROM sharing.consent_word AS w
 WHERE w.person = ANY(%(persons)s) AND w.given = (w.kind = 'objection'))
SELECT a.person, w.kind, w.scope, w.given, w.said_on, w.id, w.capacity, w.recorded_by, w.recorded_at, w.ciphertext,
 w.given = (w.kind = 'objection') OR (SELECT count(DISTINCT o.person) FROM sharing.consent_word_record AS m
  JOIN identity.person_link AS o ON o.record = m.record AND o.superseded_at IS NULL WHERE m.word = w.id) = 1
FROM asked AS a JOIN sharing.consent_word AS w ON w.id = a.word ORDER BY w.said_on, w.recorded_at, w.id"""


@dataclass(frozen=True, slots=True)
class WordRow:
    """Be a stored word; who said it and on what evidence still sealed."""

    person: UUID
    """Who has it now."""
    kind: str
    scope: str
    given: bool
    said_on: date
    id: UUID
    capacity: str
    recorded_by: str
    recorded_at: datetime
    ciphertext: bytes
    counts: bool
    """False for one that lets more be shared, if its records are now of two people."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """Be a stored answer to an objection; its grounds still sealed."""

    id: UUID
    objection: UUID
    agreement: str
    version: str
    decided_by: str
    decided_at: datetime
    ciphertext: bytes


def staff_recorded(conn: Connection, persons: Sequence[UUID]) -> Iterator[tuple[UUID, HeldConsent]]:
    """Give (person, answer) of what staff recorded and may count."""
    for row in words_of(conn, persons):
        if row.counts:
            yield row.person, HeldConsent(row.kind, row.scope, row.given, row.said_on, row.id, STAFF)


def words_of(conn: Connection, persons: Sequence[UUID]) -> list[WordRow]:
    """Find the words of persons, in the order in which they were said."""
    found = conn.execute(_OF, {"persons": list(persons)}).fetchall()
    rows = cast("list[tuple[UUID, str, str, bool, date, UUID, str, str, datetime, bytes, bool]]", found)
    return [WordRow(*row) for row in rows]


def insert_word(conn: Connection, row: WordRow, records: Sequence[UUID]) -> None:
    """Add a word with the records that are the person's now."""
    conn.execute(
        "INSERT INTO sharing.consent_word"
        " (id, person, kind, scope, given, said_on, capacity, recorded_by, recorded_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (row.id, row.person, row.kind, row.scope, row.given, row.said_on, row.capacity, row.recorded_by,
         row.recorded_at, row.ciphertext),
    )  # fmt: skip
    conn.execute(
        "INSERT INTO sharing.consent_word_record (word, record) SELECT %s, unnest(%s::uuid[])", (row.id, list(records))
    )


def insert_answer(conn: Connection, row: AnswerRow) -> None:
    """Add an answer; the table takes one for each objection and version of an agreement."""
    conn.execute(
        "INSERT INTO sharing.objection_answer (id, objection, agreement, version, decided_by, decided_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (row.id, row.objection, row.agreement, row.version, row.decided_by, row.decided_at, row.ciphertext),
    )


def answers_of(conn: Connection, objections: Sequence[UUID]) -> list[AnswerRow]:
    """Find the answers to objections, oldest first."""
    found = conn.execute(
        "SELECT id, objection, agreement, version, decided_by, decided_at, ciphertext FROM sharing.objection_answer"
        " WHERE objection = ANY(%s) ORDER BY decided_at, id",
        (list(objections),),
    ).fetchall()
    return [AnswerRow(*row) for row in cast("list[tuple[UUID, UUID, str, str, str, datetime, bytes]]", found)]


def persons_of_word(conn: Connection, word: UUID) -> list[UUID]:
    """Name those who have a record of a word now, in order; none if there is no such word."""
    found = conn.execute(
        "SELECT DISTINCT l.person FROM sharing.consent_word_record AS r JOIN identity.person_link AS l"
        " ON l.record = r.record AND l.superseded_at IS NULL WHERE r.word = %s ORDER BY 1",
        (word,),
    ).fetchall()
    return [person for (person,) in cast("list[tuple[UUID]]", found)]


def counts_for(conn: Connection, word: UUID) -> list[UUID]:
    """Name those for whom a word that shares less counts, in order: who has a record of it now, and whose it was."""
    found = conn.execute("SELECT person FROM sharing.consent_word WHERE id = %s", (word,)).fetchall()
    return sorted({*persons_of_word(conn, word), *(person for (person,) in cast("list[tuple[UUID]]", found))})


def objectors(conn: Connection) -> list[UUID]:
    """Name those who now have a record of an objection that staff recorded, withdrawn or not, in order."""
    found = conn.execute(
        "SELECT DISTINCT l.person FROM sharing.consent_word AS w JOIN sharing.consent_word_record AS r ON r.word = w.id"
        " JOIN identity.person_link AS l ON l.record = r.record AND l.superseded_at IS NULL"
        " WHERE w.kind = 'objection' AND w.given ORDER BY 1"
    ).fetchall()
    return [person for (person,) in cast("list[tuple[UUID]]", found)]
