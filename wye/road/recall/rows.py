"""Keep the SQL of recalls: who holds what, what was asked back, and what was answered. Rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Held:
    """Say that a recipient holds something of a person under an agreement, by the latest message."""

    agreement: str
    recipient: str
    person: UUID
    subject: str
    version: str


@dataclass(frozen=True, slots=True)
class Line:
    """Be one recipient's part of a recall, as it stands: ids and names, never a value."""

    id: UUID
    recall: UUID
    ground: str
    agreement: str | None
    recipient: str
    person: UUID
    message: UUID | None
    state: str | None
    """Of the message: where it is. None where somebody has to tell the recipient."""
    recalled_by: str
    recalled_at: datetime
    answer_by: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None

    def overdue(self, at: datetime) -> bool:
        """Say whether an answer should have been there."""
        return self.answer is None and self.answer_by < at


HELD: LiteralString = """SELECT s.agreement, s.partner, s.person, o.subject, o.version FROM exchange.recipient_state AS s
JOIN exchange.outbox AS o ON o.id = s.outbox
WHERE (%(person)s::uuid IS NULL OR s.person = %(person)s) AND (%(agreement)s::text IS NULL OR s.agreement = %(agreement)s)
 AND (%(message)s::uuid IS NULL OR EXISTS (SELECT FROM exchange.outbox AS m WHERE m.id = %(message)s
  AND (m.agreement, m.partner, m.person) = (s.agreement, s.partner, s.person)))
 AND (%(since)s::timestamptz IS NULL OR EXISTS (SELECT FROM exchange.outbox AS m
  WHERE (m.agreement, m.partner, m.person) = (s.agreement, s.partner, s.person) AND m.kind IN ('put', 'correct')
  AND m.state IN ('waiting', 'numbered', 'published', 'delivered') AND m.created_at >= %(since)s))
 AND NOT EXISTS (SELECT FROM exchange.open_recall AS r
  WHERE (r.agreement, r.recipient, r.person) = (s.agreement, s.partner, s.person)
  AND (r.ground <> 'rectification' OR %(rectify)s))
ORDER BY s.agreement, s.partner, s.person"""

# What waits and has no number is never sent; what it would have replaced is what the recipient holds.
CANCEL: LiteralString = """SELECT o.id, o.audit_id, o.person, o.agreement, o.version, o.partner FROM exchange.outbox AS o
JOIN unnest(%s::text[], %s::text[], %s::uuid[]) AS g (agreement, partner, person) USING (agreement, partner, person)
WHERE o.state = 'waiting' AND o.kind <> 'recall' FOR UPDATE OF o"""

GIVEN_ONCE: LiteralString = """SELECT DISTINCT d.request FROM sharing.one_off_given AS g
JOIN keys.wrap AS w ON w.value = g.id JOIN sharing.one_off_decision AS d ON d.id = g.decision
WHERE w.holder = %s ORDER BY 1"""

LINES: LiteralString = """SELECT l.id, l.recall, r.ground, l.agreement, l.recipient, l.person, l.message, o.state,
 r.recalled_by, r.recalled_at, r.answer_by, a.answer, a.answered_by, a.at
FROM exchange.recall_line AS l JOIN exchange.recall AS r ON r.id = l.recall
LEFT JOIN exchange.outbox AS o ON o.id = l.message
LEFT JOIN LATERAL (SELECT answer, answered_by, at FROM exchange.recall_answer AS a WHERE a.line = l.id
 ORDER BY at DESC, id DESC LIMIT 1) AS a ON true
WHERE (%(recall)s::uuid IS NULL OR l.recall = %(recall)s) AND (%(line)s::uuid IS NULL OR l.id = %(line)s)
 AND (%(open)s OR a.answer IS NULL) AND (%(overdue)s::timestamptz IS NULL OR (a.answer IS NULL AND r.answer_by < %(overdue)s))
ORDER BY r.recalled_at DESC, l.recipient, l.id LIMIT %(limit)s"""

FEEDS: LiteralString = """SELECT agreement, partner, count(*) FILTER (WHERE state = 'delivered'),
 count(*) FILTER (WHERE state IN ('waiting', 'numbered')), count(*) FILTER (WHERE state = 'published'),
 count(*) FILTER (WHERE state = 'rejected'), max(coalesce(published_at, created_at)) FILTER (WHERE published_at IS NOT NULL)
FROM exchange.outbox GROUP BY agreement, partner ORDER BY agreement, partner"""

HOLDS: LiteralString = "SELECT agreement, partner, count(*) FROM exchange.recipient_state GROUP BY agreement, partner"

WHY_REFUSED: LiteralString = """SELECT reason, count(*), max(settled_at) FROM exchange.outbox
WHERE agreement = %s AND state = 'rejected' GROUP BY reason ORDER BY 2 DESC, 1"""

WHERE_IT_IS: LiteralString = """SELECT kind, state, count(*), max(created_at) FROM exchange.outbox WHERE agreement = %s
GROUP BY kind, state ORDER BY kind, state"""


def held(
    conn: Connection,
    *,
    person: UUID | None = None,
    message: UUID | None = None,
    agreement: str | None = None,
    since: datetime | None = None,
    rectify: bool = False,
) -> list[Held]:
    """List who holds what is to be called back or (`rectify`) put right, and has not been asked already.

    Whoever was told to put something right holds it all the same, and can be asked to give it up.
    """
    words = {"person": person, "message": message, "agreement": agreement, "since": since, "rectify": rectify}
    return [Held(*row) for row in cast("list[tuple[str, str, UUID, str, str]]", conn.execute(HELD, words).fetchall())]


def waiting_of(conn: Connection, lines: Sequence[Held]) -> list[tuple[UUID, UUID, UUID, str, str, str]]:
    """Lock what waits to be sent to these: (message, its entry, person, agreement, version, recipient)."""
    arrays = ([one.agreement for one in lines], [one.recipient for one in lines], [one.person for one in lines])
    return cast("list[tuple[UUID, UUID, UUID, str, str, str]]", conn.execute(CANCEL, arrays).fetchall())


def given_once(conn: Connection, person: UUID) -> list[UUID]:
    """List the one-off disclosures by which something of a person was handed over: their requests."""
    return [request for (request,) in cast("list[tuple[UUID]]", conn.execute(GIVEN_ONCE, (person,)).fetchall())]


def given_by(conn: Connection, request: UUID) -> list[UUID]:
    """Give the request of a one-off disclosure by which something was handed over; empty if it is none."""
    found = conn.execute(
        "SELECT d.request FROM sharing.one_off_decision AS d WHERE d.request = %s"
        " AND EXISTS (SELECT FROM sharing.one_off_given AS g WHERE g.decision = d.id)",
        (request,),
    ).fetchall()
    return [one for (one,) in cast("list[tuple[UUID]]", found)]


def asked_by_hand(conn: Connection, *, rectify: bool) -> set[tuple[str, UUID]]:
    """List (recipient, person) of open recalls of what was told once: to give it up or, with `rectify`, also to put it right."""
    found = conn.execute(
        "SELECT recipient, person FROM exchange.open_recall WHERE agreement IS NULL AND (ground <> 'rectification' OR %s)",
        (rectify,),
    ).fetchall()
    return set(cast("list[tuple[str, UUID]]", found))


def insert_recall(
    conn: Connection, number: UUID, ground: str, by: str, at: datetime, answer_by: datetime, ciphertext: bytes
) -> None:
    """Add a recall."""
    conn.execute(
        "INSERT INTO exchange.recall (id, ground, recalled_by, recalled_at, answer_by, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (number, ground, by, at, answer_by, ciphertext),
    )


def insert_lines(
    conn: Connection, recall: UUID, lines: Sequence[tuple[UUID, str | None, str, UUID, UUID | None]]
) -> None:
    """Add lines as (id, agreement, recipient, person, message)."""
    conn.execute(
        "INSERT INTO exchange.recall_line (recall, id, agreement, recipient, person, message)"
        " SELECT %s, * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[])",
        (recall, *([line[place] for line in lines] for place in range(5))),
    )


def insert_answer(conn: Connection, answer: UUID, line: UUID, said: str, by: str, at: datetime, sealed: bytes) -> None:
    """Add what one of us heard or decided of a line."""
    conn.execute(
        "INSERT INTO exchange.recall_answer (id, line, answer, answered_by, at, ciphertext) VALUES (%s, %s, %s, %s, %s, %s)",
        (answer, line, said, by, at, sealed),
    )


def lines(
    conn: Connection,
    *,
    recall: UUID | None = None,
    line: UUID | None = None,
    answered: bool = True,
    overdue_at: datetime | None = None,
    limit: int = 1000,
) -> list[Line]:
    """List lines with their newest answers, the newest recall first."""
    words = {"recall": recall, "line": line, "open": answered, "overdue": overdue_at, "limit": limit}
    found = conn.execute(LINES, words).fetchall()
    return [Line(*row) for row in found]  # type: ignore[arg-type]  # by the statement


def words_of(conn: Connection, recall: UUID) -> bytes | None:
    """Find the sealed words of a recall: who asked and why."""
    found = conn.execute("SELECT ciphertext FROM exchange.recall WHERE id = %s", (recall,)).fetchone()
    return None if found is None else bytes(cast("bytes", found[0]))


def recalled(conn: Connection, agreement: str, persons: Sequence[UUID]) -> set[UUID]:
    """Say of whom something is asked back under an agreement: nothing new of them goes. A rectification holds nothing up."""
    found = conn.execute(
        "SELECT person FROM exchange.open_recall WHERE agreement = %s AND person = ANY(%s) AND ground <> 'rectification'",
        (agreement, list(persons)),
    ).fetchall()
    return {person for (person,) in cast("list[tuple[UUID]]", found)}


def awaited(conn: Connection) -> set[str]:
    """Name the recipients that were asked by a message and have not answered."""
    found = conn.execute("SELECT DISTINCT recipient FROM exchange.open_recall WHERE message IS NOT NULL").fetchall()
    return {recipient for (recipient,) in cast("list[tuple[str]]", found)}


def stranded(conn: Connection) -> set[tuple[str, str]]:
    """Name the (agreement, recipient) between whom a recall waits to be sent; one that was answered meanwhile does not.

    One that has its number goes all the same: messages under other agreements wait for it.
    """
    found = conn.execute(
        "SELECT DISTINCT agreement, partner FROM exchange.outbox AS o WHERE kind = 'recall' AND (state = 'numbered'"
        " OR state = 'waiting' AND EXISTS (SELECT FROM exchange.open_recall AS r WHERE r.message = o.id))"
    ).fetchall()
    return set(cast("list[tuple[str, str]]", found))


def by_message(conn: Connection, messages: Sequence[UUID]) -> dict[UUID, tuple[UUID, UUID, UUID, str, str]]:
    """Find lines by the message that asked: (line, recall, person, agreement, recipient)."""
    found = conn.execute(
        "SELECT message, id, recall, person, agreement, recipient FROM exchange.recall_line WHERE message = ANY(%s)",
        (list(messages),),
    ).fetchall()
    return {row[0]: row[1:] for row in cast("list[tuple[UUID, UUID, UUID, UUID, str, str]]", found)}


def feeds(conn: Connection) -> list[tuple[str, str, int, int, int, int, datetime | None]]:
    """Count each feed's messages: (agreement, partner, delivered, waiting, sent, refused, last sent)."""
    found = conn.execute(FEEDS).fetchall()
    return cast("list[tuple[str, str, int, int, int, int, datetime | None]]", found)


def people_held(conn: Connection) -> dict[tuple[str, str], int]:
    """Count by agreement and partner the people of whom something is held."""
    return {(agreement, partner): count for agreement, partner, count in conn.execute(HOLDS).fetchall()}  # type: ignore[misc]  # by the statement


def refusals(conn: Connection, agreement: str) -> list[tuple[str, int, datetime]]:
    """Count what was not sent, or not taken, by why: (reason, messages, last)."""
    return cast("list[tuple[str, int, datetime]]", conn.execute(WHY_REFUSED, (agreement,)).fetchall())


def by_state(conn: Connection, agreement: str) -> list[tuple[str, str, int, datetime]]:
    """Count an agreement's messages: (kind, state, messages, newest)."""
    return cast("list[tuple[str, str, int, datetime]]", conn.execute(WHERE_IT_IS, (agreement,)).fetchall())
