"""A second holder reads what the first held, and shredding takes both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wye.keys.file import FileKeys
from wye.keys.holders import add_holder
from wye.keys.rows import delete_wraps_of_holder, insert_wraps, unseal_values
from wye.keys.sealing import seal_many
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

pytestmark = pytest.mark.services


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def test_second_holder_reads_what_was_sealed_for_the_first_until_both_are_shredded(conn: Connection, tmp_path: Path):
    keys = FileKeys.open(tmp_path / "keys")
    one, two = uuid7(), uuid7()
    sealed = seal_many(keys, [(uuid7(), one, b"made while two were one") for _ in range(3)])
    insert_wraps(conn, sealed)
    values = {each.value: each.ciphertext for each in sealed}

    assert add_holder(conn, keys, list(values), two) == 3
    assert add_holder(conn, keys, list(values), two) == 0

    assert delete_wraps_of_holder(conn, one) == 3
    assert set(unseal_values(conn, keys, values).values()) == {b"made while two were one"}
    assert delete_wraps_of_holder(conn, two) == 3
    assert unseal_values(conn, keys, values) == {}
    assert add_holder(conn, keys, list(values), one) == 0


def test_holder_of_one_value_opens_no_other(conn: Connection, tmp_path: Path):
    keys = FileKeys.open(tmp_path / "keys")
    one, two = uuid7(), uuid7()
    first, second = seal_many(keys, [(uuid7(), one, b"a"), (uuid7(), one, b"b")])
    insert_wraps(conn, [first, second])
    add_holder(conn, keys, [first.value], two)

    delete_wraps_of_holder(conn, one)

    assert unseal_values(conn, keys, {first.value: first.ciphertext, second.value: second.ciphertext}) == {
        first.value: b"a"
    }
