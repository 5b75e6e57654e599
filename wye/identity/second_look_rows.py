"""Keep second looks: decided pairs that another account decides again, without seeing the first answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.errors import UsageError
from wye.identity.words import Pair, Said
from wye.store.database import Connection

DISPUTED = """SELECT s.record_a, s.record_b FROM identity.second_look s
JOIN unnest(%(a)s::uuid[], %(b)s::uuid[]) AS p (a, b) ON (s.record_a, s.record_b) = (p.a, p.b)
WHERE s.state = 'disputed' AND %(actor)s IN (s.first_by, s.second_by) LIMIT 1"""

SETTLE = """UPDATE identity.second_look s SET state = 'settled', settled_by = %(event)s
FROM unnest(%(a)s::uuid[], %(b)s::uuid[]) AS p (a, b)
WHERE (s.record_a, s.record_b) = (p.a, p.b) AND s.state = 'disputed'"""

ASK = """INSERT INTO identity.second_look
 (record_a, record_b, first_event, first_by, first_said, first_at, weight, objections, state)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'waiting') ON CONFLICT DO NOTHING"""

ANSWER = """UPDATE identity.second_look SET second_by = %(by)s, second_said = %(said)s, second_reason = %(reason)s,
 second_at = %(at)s, state = %(state)s WHERE record_a = %(a)s AND record_b = %(b)s AND state = 'waiting'"""

OPEN = """SELECT first_event, first_by, first_said, weight, objections, state FROM identity.second_look
WHERE record_a = %s AND record_b = %s AND state IN ('waiting', 'disputed')"""

ANSWERS = "SELECT first_said, second_said FROM identity.second_look WHERE second_said IS NOT NULL"

COUNTS = "SELECT state, count(*) FROM identity.second_look GROUP BY state ORDER BY state"


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Hold one pair that is looked at twice. INVARIANT: `first_said` is not shown to the second reviewer."""

    first_event: UUID
    first_by: str
    first_said: Said
    weight: float
    objections: tuple[str, ...]
    state: str


def refuse_disputants(conn: Connection, pairs: Sequence[Pair], actor: str) -> None:
    """Raise UsageError if one of the pairs is in dispute and this account is a party to it."""
    if conn.execute(DISPUTED, _arrays(pairs) | {"actor": actor}).fetchone() is not None:
        raise UsageError("two reviewers disagree about this pair and you are one of them; a third account settles it")


def settle(conn: Connection, pairs: Sequence[Pair], event: UUID) -> None:
    """Note that an event settled the disputes about these pairs."""
    conn.execute(SETTLE, _arrays(pairs) | {"event": event})


def ask(  # the columns of a second look
    conn: Connection,
    pair: Pair,
    first: tuple[UUID, str, Said],
    weight: float,
    objections: Sequence[str],
    at: datetime,
) -> None:
    """Put a decided pair before a second account; `first` is event, account and answer."""
    conn.execute(ASK, (*pair, *first, at, weight, list(objections)))


def answer(conn: Connection, pair: Pair, by: str, said: Said, reason: str, at: datetime, *, agreed: bool) -> None:
    """Keep the second answer."""
    values = {"a": pair[0], "b": pair[1], "by": by, "said": said, "reason": reason, "at": at}
    conn.execute(ANSWER, values | {"state": "agreed" if agreed else "disputed"})


def open_look(conn: Connection, pair: Pair) -> SecondLook | None:
    """Find the second look that a pair waits for, or the dispute about it."""
    found = conn.execute(OPEN, pair).fetchone()
    if found is None:
        return None
    event, by, said, weight, objections, state = cast("tuple[UUID, str, Said, float, list[str], str]", found)
    return SecondLook(event, by, said, weight, tuple(objections), state)


def answers(conn: Connection) -> list[tuple[Said, Said]]:
    """Read every first answer with its second."""
    return cast("list[tuple[Said, Said]]", conn.execute(ANSWERS).fetchall())


def counts(conn: Connection) -> dict[str, int]:
    """Count second looks by state."""
    return dict(cast("list[tuple[str, int]]", conn.execute(COUNTS).fetchall()))


def _arrays(pairs: Sequence[Pair]) -> dict[str, object]:
    return {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}
