"""Wraps in PostgreSQL: stored in one go, any holder's opens, and shredding is their deletion."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from wye.errors import EvidenceBroken
from wye.keys.file import FileKeys
from wye.keys.rows import delete_wraps_of_holder, insert_wraps, unseal_values, wraps_by_provider_key, wraps_of
from wye.keys.sealing import Sealed, seal_many
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services
FIRST, SECOND = UUID(int=101), UUID(int=102)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as conn:
        yield conn


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.open(tmp_path / "keys")


def stored(conn: Connection, keys: FileKeys, holders: list[UUID]) -> dict[UUID, Sealed]:
    sealed = seal_many(keys, [(UUID(int=n), holder, f"text {n}".encode()) for n, holder in enumerate(holders)])
    with conn.transaction():
        insert_wraps(conn, sealed)
    return {each.value: each for each in sealed}


def test_stored_values_open_in_one_go(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, [FIRST] * 50)

    opened = unseal_values(conn, keys, {value: each.ciphertext for value, each in sealed.items()})

    assert opened == {UUID(int=n): f"text {n}".encode() for n in range(50)}
    assert wraps_by_provider_key(conn) == {keys.current: 50}


def test_value_of_a_shredded_holder_is_absent_and_others_open(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, [FIRST, SECOND, FIRST])

    deleted = delete_wraps_of_holder(conn, FIRST)

    assert deleted == 2
    opened = unseal_values(conn, keys, {value: each.ciphertext for value, each in sealed.items()})
    assert opened == {UUID(int=1): b"text 1"}


def test_value_with_two_holders_opens_while_one_is_left(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, [FIRST])[UUID(int=0)]
    key = keys.unwrap(sealed.provider_key, sealed.wrapped, sealed.value.bytes + FIRST.bytes)
    provider_key, again = keys.wrap(key, sealed.value.bytes + SECOND.bytes)
    insert_wraps(conn, [Sealed(sealed.value, SECOND, b"", b"", provider_key, again)])

    delete_wraps_of_holder(conn, FIRST)

    assert unseal_values(conn, keys, {sealed.value: sealed.ciphertext}) == {sealed.value: b"text 0"}
    assert wraps_of(conn, [sealed.value])[sealed.value].holder == SECOND


def test_wrap_moved_to_another_value_is_refused(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, [FIRST, FIRST])
    moved = sealed[UUID(int=1)].wrapped
    conn.execute("UPDATE keys.wrap SET wrapped = %s WHERE value = %s", (moved, UUID(int=0)))

    with pytest.raises(EvidenceBroken):
        unseal_values(conn, keys, {UUID(int=0): sealed[UUID(int=0)].ciphertext})


def test_wraps_of_one_value_and_holder_are_stored_once(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, [FIRST])

    with pytest.raises(psycopg.errors.UniqueViolation), conn.transaction():
        insert_wraps(conn, sealed.values())
