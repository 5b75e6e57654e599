"""Keep the SQL of what recipients answer to recalls."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import RecallAnswer

GIVEN_UP = (RecallAnswer.RETURNED, RecallAnswer.DELETED)
"""The answers by which a recipient holds nothing of it any more."""


def store_answers(
    conn: Connection, partner: str, answers: Sequence[tuple[UUID, RecallAnswer, str]], at: datetime
) -> list[tuple[UUID, RecallAnswer]]:
    """Keep answers to recalls as (message, answer, JWS); gives those that say something new, in their order.

    Whoever answered no longer holds what was asked back, or says why it does: our note of what it holds ends.
    """
    fresh = []
    for message, answer, jws in answers:
        found = conn.execute(
            """
            INSERT INTO exchange.recall_answer (id, line, answer, answered_by, at, jws)
            SELECT %(id)s, l.id, %(answer)s, %(partner)s, %(at)s, %(jws)s FROM exchange.recall_line AS l
            WHERE l.message = %(message)s AND l.recipient = %(partner)s AND %(answer)s IS DISTINCT FROM (
                SELECT a.answer FROM exchange.recall_answer AS a WHERE a.line = l.id ORDER BY a.at DESC, a.id DESC LIMIT 1)
            RETURNING line
            """,
            {"id": uuid7(), "answer": answer.value, "partner": partner, "at": at, "jws": jws, "message": message},
        ).fetchone()
        if found is not None:
            forget_held(conn, cast("UUID", found[0]), answer.value)
            fresh.append((message, answer))
    return fresh


def forget_held(conn: Connection, line: UUID, answer: str) -> None:
    """No longer note as held what a recall's line asked back: it was answered.

    INVARIANT: who was only told to put something right holds it still, unless they answer that they gave it up; and what they
    were sent since they were told is not what they speak of.
    """
    conn.execute(
        "DELETE FROM exchange.recipient_state AS s USING exchange.recall_line AS l JOIN exchange.recall AS r ON r.id = l.recall"
        " WHERE l.id = %s AND (s.agreement, s.partner, s.person) = (l.agreement, l.recipient, l.person)"
        " AND (r.ground <> 'rectification' OR (%s AND s.since <= r.recalled_at))",
        (line, answer in GIVEN_UP),
    )
