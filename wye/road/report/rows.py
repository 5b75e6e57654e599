"""Store drafts of reports, words on their lines, and releases. Rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class DraftRow:
    """Be a stored draft, still sealed."""

    id: UUID
    drafted_by: str
    drafted_at: datetime
    lines: int
    marked: Sequence[int]
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Be a stored word on a line, still sealed."""

    id: UUID
    line: int
    decided_by: str
    decided_at: datetime
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Listed:
    """Tell of a report what tells of nobody."""

    id: UUID
    drafted_by: str
    drafted_at: datetime
    lines: int
    marked: int
    undecided: int
    released_at: datetime | None


LISTED = """SELECT d.id, d.drafted_by, d.drafted_at, d.lines, cardinality(d.marked),
 (SELECT count(*) FROM unnest(d.marked) AS m (line)
  WHERE NOT EXISTS (SELECT FROM report.decision AS c WHERE c.report = d.id AND c.line = m.line)),
 (SELECT min(r.released_at) FROM report.release AS r WHERE r.report = d.id)
FROM report.draft AS d ORDER BY d.drafted_at DESC, d.id DESC LIMIT %s"""


def hold_still(conn: Connection, report: UUID) -> None:
    """Let one decision or release of a report happen at a time, until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(7796, hashtext(%s))", (str(report),))


def insert_draft(conn: Connection, row: DraftRow) -> None:
    """Add a draft."""
    conn.execute(
        "INSERT INTO report.draft (id, drafted_by, drafted_at, lines, marked, ciphertext) VALUES (%s, %s, %s, %s, %s, %s)",
        (row.id, row.drafted_by, row.drafted_at, row.lines, list(row.marked), row.ciphertext),
    )


def draft_of(conn: Connection, report: UUID) -> DraftRow | None:
    """Find a draft."""
    found = conn.execute(
        "SELECT id, drafted_by, drafted_at, lines, marked, ciphertext FROM report.draft WHERE id = %s", (report,)
    ).fetchone()
    return None if found is None else DraftRow(*cast("tuple[UUID, str, datetime, int, list[int], bytes]", found))


def insert_decision(conn: Connection, row: DecisionRow, report: DraftRow) -> None:
    """Add a word on a line. The table itself refuses one by the account that drafted."""
    conn.execute(
        "INSERT INTO report.decision (id, report, drafted_by, line, decided_by, decided_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (row.id, report.id, report.drafted_by, row.line, row.decided_by, row.decided_at, row.ciphertext),
    )


def decisions_of(conn: Connection, report: UUID) -> list[DecisionRow]:
    """Find every word on a report's lines, oldest first."""
    found = conn.execute(
        "SELECT id, line, decided_by, decided_at, ciphertext FROM report.decision WHERE report = %s"
        " ORDER BY decided_at, id",
        (report,),
    ).fetchall()
    return [DecisionRow(*row) for row in cast("list[tuple[UUID, int, str, datetime, bytes]]", found)]


def insert_release(conn: Connection, release: UUID, report: UUID, by: str, at: datetime) -> None:
    """Note that a report was released."""
    conn.execute(
        "INSERT INTO report.release (id, report, released_by, released_at) VALUES (%s, %s, %s, %s)",
        (release, report, by, at),
    )


def released_at(conn: Connection, report: UUID) -> datetime | None:
    """Say when a report was first released; none if it was not."""
    found = conn.execute("SELECT min(released_at) FROM report.release WHERE report = %s", (report,)).fetchone()
    return cast("tuple[datetime | None]", found)[0]


def listed(conn: Connection, limit: int) -> list[Listed]:
    """List reports, the newest first: no person and no recipient is in it."""
    found = conn.execute(LISTED, (limit,)).fetchall()
    return [Listed(*row) for row in cast("list[tuple[UUID, str, datetime, int, int, int, datetime | None]]", found)]
