"""Store what was asked of the national check of opt-outs, and its answer while it may be used; nobody's opt-out is kept."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.database import Connection

ONE_AT_A_TIME: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('wye opt-out', 0))"
HOLDER = UUID("c1f1f3a4-6d0e-5c1b-8f0a-3b7d5e2a9046")
"""Who holds every list of numbers: nobody's id and the value of nothing. Revision 0022 destroys what it holds, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Be one question and its answer. Most sensitive class: identifier, sealed."""

    id: UUID
    agreement: str
    version: str
    file_name: str
    asked_by: str
    asked_at: datetime
    people: int
    numbers: int
    question_sha256: bytes
    question: bytes | None = None
    """The numbers asked about, sealed; gone once it was answered."""
    answer_id: UUID | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    cleared: int | None = None
    answer_sha256: bytes | None = None
    answer: bytes | None = None
    """The numbers that the answer names, sealed; gone once it is too old."""


_FIELDS: LiteralString = (
    "id, agreement, version, file_name, asked_by, asked_at, people, numbers, question_sha256, question, answer_id,"
    " answered_by, answered_at, cleared, answer_sha256, answer"
)


def insert(conn: Connection, check: Check) -> None:
    """Add a question."""
    held = {each.name: getattr(check, each.name) for each in fields(check)}
    conn.execute(
        "INSERT INTO sharing.opt_out_check (id, agreement, version, file_name, asked_by, asked_at, people, numbers,"
        " question_sha256, question) VALUES (%(id)s, %(agreement)s, %(version)s, %(file_name)s, %(asked_by)s,"
        " %(asked_at)s, %(people)s, %(numbers)s, %(question_sha256)s, %(question)s)",
        held,
    )


def answered(conn: Connection, check: Check) -> None:
    """Keep an answer; the numbers that were asked about go."""
    conn.execute(
        "UPDATE sharing.opt_out_check SET question = NULL, answer_id = %s, answered_by = %s, answered_at = %s, cleared = %s,"
        " answer_sha256 = %s, answer = %s WHERE id = %s",
        (check.answer_id, check.answered_by, check.answered_at, check.cleared, check.answer_sha256, check.answer, check.id),
    )  # fmt: skip


def named(conn: Connection, file_name: str) -> Check | None:
    """Find a question by the name of its file."""
    found = conn.execute(
        f"SELECT {_FIELDS} FROM sharing.opt_out_check WHERE file_name = %s",  # noqa: S608  our own text
        (file_name,),
    ).fetchone()
    return None if found is None else _check(found)


def listed(conn: Connection, agreement: str | None = None) -> list[Check]:
    """List questions, of one agreement or of all, the newest first."""
    found = conn.execute(
        f"SELECT {_FIELDS} FROM sharing.opt_out_check WHERE %(one)s::text IS NULL OR agreement = %(one)s"  # noqa: S608  our own text
        " ORDER BY asked_at DESC, id DESC",
        {"one": agreement},
    ).fetchall()
    return [_check(each) for each in found]


def newest(conn: Connection, agreement: str, version: str) -> Check | None:
    """Find the newest question of a version that was answered, whether or not its numbers are still held."""
    found = conn.execute(
        f"SELECT {_FIELDS} FROM sharing.opt_out_check WHERE agreement = %s AND version = %s AND answer_id IS NOT NULL"  # noqa: S608  our own text
        " ORDER BY asked_at DESC, id DESC LIMIT 1",
        (agreement, version),
    ).fetchone()
    return None if found is None else _check(found)


def asked_in_month(conn: Connection, since: datetime) -> int:
    """Count the questions since a month began: the file's number in its month comes after it."""
    found = conn.execute("SELECT count(*) FROM sharing.opt_out_check WHERE asked_at >= %s", (since,)).fetchone()
    return int(str(found[0])) if found else 0


def destroy(conn: Connection, *, until: datetime, answered: Check | None = None) -> int:
    """Destroy the numbers of what was asked at an instant or before, or no later than what was just answered; gives of how many.

    What was asked later than that, under the same agreement, still waits for its answer.
    """
    agreement, asked_at, but = (answered.agreement, answered.asked_at, answered.id) if answered else (None, None, None)
    return conn.execute(
        "UPDATE sharing.opt_out_check SET question = NULL, answer = NULL WHERE (question IS NOT NULL OR answer IS NOT NULL)"
        " AND (asked_at <= %s OR (agreement = %s AND asked_at <= %s AND id <> %s))",
        (until, agreement, asked_at, but),
    ).rowcount


def _check(found: object) -> Check:
    held = cast("tuple[object, ...]", found)
    return Check(**dict(zip((each.name for each in fields(Check)), held, strict=True)))  # type: ignore[arg-type]
