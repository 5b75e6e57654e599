"""Store openings, their reviews, and the notices to those who were looked at. Rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Opening:
    """Be a stored opening; which relationship was said and why is still sealed."""

    id: UUID
    agreement: str
    version: str
    person: UUID
    opened_by: str
    opened_at: datetime
    until: datetime
    review_due: datetime
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Review:
    """Be a stored review, its reasons still sealed."""

    id: UUID
    finding: str
    reviewed_by: str
    reviewed_at: datetime
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """Be a stored notice with the newest word on it; to whom, and why it is held, is still sealed."""

    id: UUID
    held: bool
    made_at: datetime
    ciphertext: bytes
    word: str | None
    said_by: str | None
    said_at: datetime | None

    @property
    def state(self) -> str:
        """Say where it is: held, to-send, kept-back or sent."""
        return notice_state(self.word, held=self.held)


@dataclass(frozen=True, slots=True)
class Listed:
    """Tell of an opening what tells of nobody."""

    id: UUID
    agreement: str
    opened_by: str
    opened_at: datetime
    until: datetime
    review_due: datetime
    finding: str | None
    reviewed_by: str | None
    held: bool
    word: str | None

    def overdue(self, at: datetime) -> bool:
        """Say whether its review should have been there."""
        return self.finding is None and self.review_due < at

    @property
    def notice(self) -> str:
        """Say where its notice is."""
        return notice_state(self.word, held=self.held)


def notice_state(word: str | None, *, held: bool) -> str:
    """Say where a notice is, by the newest word on it: held, to-send, kept-back or sent."""
    if word is None:
        return "held" if held else "to-send"
    return {"release": "to-send", "withhold": "kept-back", "sent": "sent"}[word]


OPENING: LiteralString = """SELECT id, agreement, version, person, opened_by, opened_at, until, review_due, ciphertext
FROM sharing.break_glass"""

NEWEST_WORD: LiteralString = """LEFT JOIN LATERAL (SELECT word, said_by, said_at FROM sharing.break_glass_notice_word AS w
 WHERE w.notice = n.id ORDER BY said_at DESC, id DESC LIMIT 1) AS w ON true"""

NOTICE: LiteralString = f"""SELECT n.id, n.held, n.made_at, n.ciphertext, w.word, w.said_by, w.said_at
FROM sharing.break_glass_notice AS n {NEWEST_WORD} WHERE n.break_glass = %s"""  # noqa: S608  ours

LISTED: LiteralString = f"""SELECT b.id, b.agreement, b.opened_by, b.opened_at, b.until, b.review_due, v.finding,
 v.reviewed_by, n.held, w.word
FROM sharing.break_glass AS b JOIN sharing.break_glass_notice AS n ON n.break_glass = b.id {NEWEST_WORD}
LEFT JOIN LATERAL (SELECT finding, reviewed_by FROM sharing.break_glass_review AS v WHERE v.break_glass = b.id
 ORDER BY reviewed_at DESC, id DESC LIMIT 1) AS v ON true
WHERE (%(overdue)s::timestamptz IS NULL OR (v.finding IS NULL AND b.review_due < %(overdue)s))
ORDER BY b.opened_at DESC, b.id DESC LIMIT %(limit)s"""  # noqa: S608  ours


def hold_still(conn: Connection, what: UUID) -> None:
    """Let one opening of a person, or word on an opening, happen at a time, until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(7798, hashtext(%s))", (str(what),))


def insert(conn: Connection, row: Opening) -> None:
    """Add an opening; the table takes none that is longer than eight hours."""
    conn.execute(
        "INSERT INTO sharing.break_glass"
        " (id, agreement, version, person, opened_by, opened_at, until, review_due, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (row.id, row.agreement, row.version, row.person, row.opened_by, row.opened_at, row.until, row.review_due,
         row.ciphertext),
    )  # fmt: skip


def standing(conn: Connection, person: UUID, account: str, agreement: str, at: datetime) -> Opening | None:
    """Find the window in which an account may look at a person under an agreement at an instant, if there is one."""
    found = conn.execute(
        OPENING + " WHERE person = %s AND opened_by = %s AND agreement = %s AND opened_at <= %s AND until > %s"
        " ORDER BY until DESC LIMIT 1",
        (person, account, agreement, at, at),
    ).fetchone()
    return None if found is None else Opening(*cast("tuple[Any, ...]", found))


def opening(conn: Connection, number: UUID) -> Opening | None:
    """Find an opening."""
    found = conn.execute(OPENING + " WHERE id = %s", (number,)).fetchone()
    return None if found is None else Opening(*cast("tuple[Any, ...]", found))


def insert_review(conn: Connection, of: Opening, row: Review) -> None:
    """Add a review. The table itself refuses one by the account that opened."""
    conn.execute(
        "INSERT INTO sharing.break_glass_review"
        " (id, break_glass, opened_by, finding, reviewed_by, reviewed_at, ciphertext) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (row.id, of.id, of.opened_by, row.finding, row.reviewed_by, row.reviewed_at, row.ciphertext),
    )


def reviews_of(conn: Connection, number: UUID) -> list[Review]:
    """Find the reviews of an opening, oldest first."""
    found = conn.execute(
        "SELECT id, finding, reviewed_by, reviewed_at, ciphertext FROM sharing.break_glass_review"
        " WHERE break_glass = %s ORDER BY reviewed_at, id",
        (number,),
    ).fetchall()
    return [Review(*row) for row in cast("list[tuple[Any, ...]]", found)]


def insert_notice(conn: Connection, of: Opening, number: UUID, ciphertext: bytes, *, held: bool) -> None:
    """Add the notice of an opening."""
    conn.execute(
        "INSERT INTO sharing.break_glass_notice (id, break_glass, opened_by, held, made_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (number, of.id, of.opened_by, held, of.opened_at, ciphertext),
    )


def notice_of(conn: Connection, number: UUID) -> Notice:
    """Find the notice of an opening with the newest word on it: each opening has one."""
    found = conn.execute(NOTICE, (number,)).fetchone()
    return Notice(*cast("tuple[Any, ...]", found))


def insert_word(
    conn: Connection, of: Opening, notice: UUID, word: str, said_by: str, at: datetime, number: UUID, ciphertext: bytes
) -> None:
    """Add a word on a notice. The table itself refuses one by the account that opened."""
    conn.execute(
        "INSERT INTO sharing.break_glass_notice_word (id, notice, opened_by, word, said_by, said_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (number, notice, of.opened_by, word, said_by, at, ciphertext),
    )


def listed(conn: Connection, limit: int, overdue_at: datetime | None = None) -> Sequence[Listed]:
    """List openings, the newest first, or those alone whose review is overdue: nobody who was looked at is in it."""
    found = conn.execute(LISTED, {"limit": limit, "overdue": overdue_at}).fetchall()
    return [Listed(*row) for row in cast("list[tuple[Any, ...]]", found)]
