"""Store what was referred to a named human, and what they answered: rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

from wye.store.database import Connection

LISTED: LiteralString = """SELECT r.id, r.person, r.agreement, r.version, r.recipient, r.office, r.opened_at, r.answer_by,
 a.id, a.word, a.one_off, a.answered_by, a.answered_at, a.ciphertext
FROM sharing.referred AS r LEFT JOIN sharing.referred_answer AS a ON a.referred = r.id
WHERE (%(id)s::uuid IS NULL OR r.id = %(id)s) AND (%(answered)s OR a.id IS NULL)
 AND (%(overdue)s::timestamptz IS NULL OR (a.id IS NULL AND r.answer_by < %(overdue)s))
ORDER BY r.answer_by, r.id LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Referred:
    """Be a question to a named human."""

    id: UUID
    person: UUID
    agreement: str
    version: str
    recipient: str
    office: str
    """Who decides, as the agreement names them."""
    opened_at: datetime
    answer_by: datetime

    def overdue(self, at: datetime) -> bool:
        """Say whether its answer should have been there, if there is none."""
        return self.answer_by < at


@dataclass(frozen=True, slots=True)
class Answer:
    """Be an answer, its reasons still sealed."""

    id: UUID
    word: str
    """disclosed or withheld."""
    one_off: UUID | None
    answered_by: str
    answered_at: datetime
    ciphertext: bytes


def insert(conn: Connection, rows: Sequence[Referred]) -> None:
    """Add questions; one that was asked already stays as it is, answered or not."""
    if rows:
        conn.execute(
            "INSERT INTO sharing.referred (id, person, agreement, version, recipient, office, opened_at, answer_by)"
            " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::timestamptz[], %s::timestamptz[]) ON CONFLICT (id) DO NOTHING",
            (
                [row.id for row in rows], [row.person for row in rows], [row.agreement for row in rows],
                [row.version for row in rows], [row.recipient for row in rows], [row.office for row in rows],
                [row.opened_at for row in rows], [row.answer_by for row in rows],
            ),
        )  # fmt: skip


def insert_answer(conn: Connection, referred: UUID, row: Answer) -> None:
    """Add an answer; the table takes one to a question."""
    conn.execute(
        "INSERT INTO sharing.referred_answer (id, referred, word, one_off, answered_by, answered_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (row.id, referred, row.word, row.one_off, row.answered_by, row.answered_at, row.ciphertext),
    )


def hold_still(conn: Connection, referred: UUID) -> None:
    """Let one answer to a question happen at a time, until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(7798, hashtext(%s))", (str(referred),))


def listed(
    conn: Connection,
    *,
    one: UUID | None = None,
    answered: bool = False,
    overdue_at: datetime | None = None,
    limit: int = 1000,
) -> list[tuple[Referred, Answer | None]]:
    """List questions, the most urgent first: those without an answer, unless `answered`; of `overdue_at` the late ones."""
    found = conn.execute(
        LISTED, {"id": one, "answered": answered, "overdue": overdue_at, "limit": limit}
    ).fetchall()  # fmt: skip
    return [
        (Referred(*row[:8]), None if row[8] is None else Answer(*row[8:]))
        for row in cast("list[tuple[Any, ...]]", found)
    ]
