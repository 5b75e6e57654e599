"""Keep the SQL of the register of accounts and of comparing people: what the auditor's login may ask, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

import orjson

from wye.road.snooping.look import Common
from wye.store.database import Connection

NEWEST: LiteralString = """SELECT DISTINCT ON (account) id, account, said, said_by, said_at, ciphertext FROM audit.account
ORDER BY account, id DESC"""

# Every account that acted in the time, with some of its entries, by which its name can be read.
ACTED: LiteralString = """SELECT t.token, count(*), (array_agg(t.entry ORDER BY t.entry DESC))[1:5]
FROM audit.entry AS e JOIN audit.token AS t ON t.entry = e.id AND t.field = 'actor'
WHERE e.staged_at >= %s AND e.staged_at <= %s GROUP BY t.token"""

COMPARE: LiteralString = """SELECT n, known, same_person, same_name, same_address, related, worked_with, guarded
FROM audit.compare_people(%s::jsonb)"""

CIPHERTEXTS: LiteralString = "SELECT id, ciphertext FROM audit.entry WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Said:
    """Hold the newest word on one account, still sealed."""

    id: UUID
    account: str
    said: str
    said_by: str
    said_at: datetime
    ciphertext: bytes


def newest(conn: Connection) -> list[Said]:
    """Read the newest word on every account, by name."""
    with conn.cursor(binary=True) as cursor:
        found = cursor.execute(NEWEST).fetchall()
    return [Said(*row) for row in cast("list[tuple[UUID, str, str, str, datetime, bytes]]", found)]


def insert(conn: Connection, said: Said) -> None:
    """Add a word on an account."""
    conn.execute(
        "INSERT INTO audit.account (id, account, said, said_by, said_at, ciphertext) VALUES (%s, %s, %s, %s, %s, %s)",
        (said.id, said.account, said.said, said.said_by, said.said_at, said.ciphertext),
    )


def acted(conn: Connection, since: datetime, until: datetime) -> list[tuple[bytes, int, list[UUID]]]:
    """Read (token of an account, how many entries, some of them) of all accounts that acted in a stretch of time."""
    with conn.cursor(binary=True) as cursor:
        return cast("list[tuple[bytes, int, list[UUID]]]", cursor.execute(ACTED, (since, until)).fetchall())


def ciphertexts(conn: Connection, entries: Sequence[UUID]) -> dict[UUID, bytes]:
    """Read the sealed bodies of entries."""
    with conn.cursor(binary=True) as cursor:
        found = cursor.execute(CIPHERTEXTS, (list(entries),)).fetchall()
    return dict(cast("list[tuple[UUID, bytes]]", found))


def compare(conn: Connection, questions: Sequence[Mapping[str, object]]) -> list[Common]:
    """Ask of each (own, looked, day, workers, teams) what the two persons have in common: yes or no, never a value."""
    numbered = [{"n": number, **each} for number, each in enumerate(questions)]
    found = conn.execute(COMPARE, (orjson.dumps(numbered).decode(),)).fetchall()
    told = {
        row[0]: Common(*row[1:]) for row in cast("list[tuple[int, bool, bool, bool, bool, bool, bool, bool]]", found)
    }
    return [told[number] for number in range(len(questions))]
