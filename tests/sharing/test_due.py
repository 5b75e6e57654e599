"""What is due is noted once, taken once, and given back if the taker fails."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from wye.sharing.due import mark_due, mark_due_at, take_due
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        yield connection


@pytest.fixture
def persons() -> list[UUID]:
    return sorted(uuid7() for _ in range(10))


def take(conn: Connection, agreement: str = "a", limit: int = 100, at: datetime = AT) -> set[UUID]:
    with conn.transaction():
        return set(take_due(conn, agreement, limit, at))


def test_marking_notes_every_person_under_every_agreement_once(conn: Connection, persons: list[UUID]) -> None:
    assert mark_due(conn, ["a", "b"], persons, "identity", AT) == 20
    assert mark_due(conn, ["a", "b"], persons, "identity", AT) == 0
    assert mark_due(conn, [], persons, "identity", AT) == 0

    assert take(conn, "a") == set(persons)
    assert take(conn, "a") == set()
    assert take(conn, "b") == set(persons)


def test_taking_heeds_the_limit_and_the_instant_and_names_a_person_once(conn: Connection, persons: list[UUID]) -> None:
    mark_due(conn, ["a"], persons, "identity", AT)
    mark_due(conn, ["a"], persons[:1], "consent", AT - timedelta(seconds=1))
    later = AT + timedelta(days=1)
    mark_due_at(conn, "a", [(persons[0], later), (persons[1], later)], "time")

    with conn.transaction():
        first = take_due(conn, "a", 4, AT)
    assert len(first) == len(set(first)) == 3
    assert take(conn) == set(persons) - set(first)
    assert take(conn, at=later - timedelta(microseconds=1)) == set()
    assert take(conn, at=later) == set(persons[:2])


def test_a_taker_that_fails_gives_back(conn: Connection, persons: list[UUID]) -> None:
    mark_due(conn, ["a"], persons, "identity", AT)

    with conn.transaction(force_rollback=True):
        assert set(take_due(conn, "a", 100, AT)) == set(persons)

    assert take(conn) == set(persons)


def test_two_takers_at_once_never_take_the_same(database_url: str, conn: Connection, persons: list[UUID]) -> None:
    mark_due(conn, ["a"], persons, "identity", AT)

    with connect(database_url) as other, conn.transaction(), other.transaction():
        mine, theirs = set(take_due(conn, "a", 6, AT)), set(take_due(other, "a", 6, AT))

    assert len(mine) == 6
    assert len(theirs) == 4
    assert not mine & theirs
    assert mine | theirs == set(persons)
