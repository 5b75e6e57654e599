"""Write rows by COPY in PostgreSQL's binary format, made of bytes that the caller has at hand.

For tables that get a row or more with each message: asking psycopg to write each value takes longer than to seal it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from wye.store.database import Connection

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def row(*fields: bytes) -> bytes:
    """Make one row of fields, none of them NULL, each in the binary form of its column's type."""
    made = [len(fields).to_bytes(2)]
    for each in fields:
        made += (len(each).to_bytes(4), each)
    return b"".join(made)


def instant(at: datetime) -> bytes:
    """Make the binary form of a timestamptz: microseconds since 2000."""
    return ((at - _EPOCH) // _MICROSECOND).to_bytes(8, signed=True)


def copy_rows(conn: Connection, statement: LiteralString, rows: Iterable[bytes]) -> None:
    """Write rows in the caller's transaction; `statement` is a COPY FROM STDIN (FORMAT BINARY)."""
    content = b"".join((_SIGNATURE, *rows, _TRAILER))
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(content)
