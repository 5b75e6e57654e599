"""Store requests for one-off disclosures, decisions, what was handed over, and reviews. Rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class RequestRow:
    """Be a stored request, still sealed."""

    id: UUID
    noted_by: str
    noted_at: datetime
    emergency: bool
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Be a stored decision, its reasons still sealed."""

    id: UUID
    request: UUID
    word: str
    decided_by: str
    decided_at: datetime
    review_due: datetime
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class GivenRow:
    """Be what was handed over of one person, still sealed."""

    id: UUID
    decision: UUID
    place: int
    fields: int
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """Be a stored review, its reasons still sealed."""

    id: UUID
    decision: UUID
    decided_by: str
    finding: str
    reviewed_by: str
    reviewed_at: datetime
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Listed:
    """Tell of a request what tells of nobody."""

    id: UUID
    noted_by: str
    noted_at: datetime
    emergency: bool
    word: str | None
    decided_by: str | None
    decided_at: datetime | None
    review_due: datetime | None
    finding: str | None
    reviewed_by: str | None
    fields: int

    def overdue(self, at: datetime) -> bool:
        """Say whether its review should have been there."""
        return self.review_due is not None and self.finding is None and self.review_due < at


LISTED: LiteralString = """SELECT r.id, r.noted_by, r.noted_at, r.emergency, d.word, d.decided_by, d.decided_at, d.review_due,
 v.finding, v.reviewed_by, coalesce((SELECT sum(g.fields) FROM sharing.one_off_given AS g WHERE g.decision = d.id), 0)::int
FROM sharing.one_off AS r LEFT JOIN sharing.one_off_decision AS d ON d.request = r.id
LEFT JOIN LATERAL (SELECT finding, reviewed_by FROM sharing.one_off_review AS v WHERE v.decision = d.id
 ORDER BY reviewed_at DESC, id DESC LIMIT 1) AS v ON true
WHERE (%(overdue)s::timestamptz IS NULL OR (v.finding IS NULL AND d.review_due < %(overdue)s))
ORDER BY r.noted_at DESC, r.id DESC LIMIT %(limit)s"""


def hold_still(conn: Connection, request: UUID) -> None:
    """Let one decision or review of a request happen at a time, until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(7797, hashtext(%s))", (str(request),))


def insert_request(conn: Connection, row: RequestRow) -> None:
    """Add a request."""
    conn.execute(
        "INSERT INTO sharing.one_off (id, noted_by, noted_at, emergency, ciphertext) VALUES (%s, %s, %s, %s, %s)",
        (row.id, row.noted_by, row.noted_at, row.emergency, row.ciphertext),
    )


def request_of(conn: Connection, request: UUID) -> RequestRow | None:
    """Find a request."""
    found = conn.execute(
        "SELECT id, noted_by, noted_at, emergency, ciphertext FROM sharing.one_off WHERE id = %s", (request,)
    ).fetchone()
    return None if found is None else RequestRow(*cast("tuple[UUID, str, datetime, bool, bytes]", found))


def insert_decision(conn: Connection, row: DecisionRow) -> None:
    """Add a decision; the table takes one of a request."""
    conn.execute(
        "INSERT INTO sharing.one_off_decision (id, request, word, decided_by, decided_at, review_due, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (row.id, row.request, row.word, row.decided_by, row.decided_at, row.review_due, row.ciphertext),
    )


def decision_of(conn: Connection, request: UUID) -> DecisionRow | None:
    """Find the decision on a request."""
    found = conn.execute(
        "SELECT id, request, word, decided_by, decided_at, review_due, ciphertext FROM sharing.one_off_decision"
        " WHERE request = %s",
        (request,),
    ).fetchone()
    row = cast("tuple[UUID, UUID, str, str, datetime, datetime, bytes] | None", found)
    return None if row is None else DecisionRow(*row)


def insert_given(conn: Connection, rows: Sequence[GivenRow]) -> None:
    """Add what was handed over."""
    conn.execute(
        "INSERT INTO sharing.one_off_given (id, decision, place, fields, ciphertext)"
        " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::smallint[], %s::int[], %s::bytea[])",
        (
            [row.id for row in rows], [row.decision for row in rows], [row.place for row in rows],
            [row.fields for row in rows], [row.ciphertext for row in rows],
        ),
    )  # fmt: skip


def given_of(conn: Connection, decision: UUID) -> list[GivenRow]:
    """Find what was handed over by a decision, in the order of persons."""
    found = conn.execute(
        "SELECT id, decision, place, fields, ciphertext FROM sharing.one_off_given WHERE decision = %s ORDER BY place",
        (decision,),
    ).fetchall()
    return [GivenRow(*row) for row in cast("list[tuple[UUID, UUID, int, int, bytes]]", found)]


def insert_review(conn: Connection, row: ReviewRow) -> None:
    """Add a review. The table itself refuses one by the account that decided."""
    conn.execute(
        "INSERT INTO sharing.one_off_review (id, decision, decided_by, finding, reviewed_by, reviewed_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (row.id, row.decision, row.decided_by, row.finding, row.reviewed_by, row.reviewed_at, row.ciphertext),
    )


def reviews_of(conn: Connection, decision: UUID) -> list[ReviewRow]:
    """Find the reviews of a decision, oldest first."""
    found = conn.execute(
        "SELECT id, decision, decided_by, finding, reviewed_by, reviewed_at, ciphertext FROM sharing.one_off_review"
        " WHERE decision = %s ORDER BY reviewed_at, id",
        (decision,),
    ).fetchall()
    return [ReviewRow(*row) for row in cast("list[tuple[UUID, UUID, str, str, str, datetime, bytes]]", found)]


def listed(conn: Connection, limit: int, overdue_at: datetime | None = None) -> list[Listed]:
    """List requests, the newest first, or those alone whose review is overdue: no person and no recipient is in it."""
    found = conn.execute(LISTED, {"limit": limit, "overdue": overdue_at}).fetchall()
    return [
        Listed(*row)
        for row in cast(
            "list[tuple[UUID, str, datetime, bool, str | None, str | None, datetime | None, datetime | None, str | None,"
            " str | None, int]]",
            found,
        )
    ]
