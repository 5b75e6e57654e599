"""Rows made of bytes are what psycopg would have written."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from wye.store.binary_copy import copy_rows, instant, row

pytestmark = pytest.mark.services
INSTANTS = [
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(2026, 11, 21, 9, 30, 0, 1, tzinfo=UTC),
    datetime(2500, 6, 1, tzinfo=UTC) + timedelta(microseconds=7),
]


def test_rows_copied_as_bytes_are_read_back_as_values(database_url: str) -> None:
    values = [(UUID(int=n), "ÄÖ" * n, bytes(range(n)), at) for n, at in enumerate(INSTANTS)]
    with psycopg.connect(database_url) as conn:
        conn.execute("CREATE TEMPORARY TABLE held (a uuid, b text, c bytea, d timestamptz)")

        copy_rows(
            conn,
            "COPY held FROM STDIN (FORMAT BINARY)",
            [row(a.bytes, b.encode(), c, instant(d)) for a, b, c, d in values],
        )

        assert conn.execute("SELECT a, b, c, d FROM held ORDER BY a").fetchall() == values


def test_no_rows_copy_nothing(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("CREATE TEMPORARY TABLE held (a uuid)")

        copy_rows(conn, "COPY held FROM STDIN (FORMAT BINARY)", [])

        assert conn.execute("SELECT count(*) FROM held").fetchone() == (0,)
