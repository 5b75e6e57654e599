"""Read the log for verification: in columns, many entries at a time, the next ones on their way while these are verified.

The bytes that an entry commits to as its tokens are put together by PostgreSQL, since five rows an entry cost Python
more than all hashing; they are hashed by the verifier. A field or token longer than the 255 bytes that its length can
say is given the length 255, which no writer commits to.
"""

from collections.abc import Generator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from wye.store.database import Connection

PAGE = 4096
"""Entries read at a time: some 6 MB, twice."""

Node = tuple[int, int, bytes]
"""A stored node: level, position, hash."""
_Row = tuple[int, bytes, str, bytes | None, bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a stretch of the log, column by column, in order of index. `header` is none where the entry is not there."""

    index: Sequence[int]
    leaf: Sequence[bytes]
    entry: Sequence[str]
    header: Sequence[bytes | None]
    ciphertext: Sequence[bytes]
    salt: Sequence[bytes]
    staged_at: Sequence[bytes]
    """Microseconds since 2000, in 8 bytes: as PostgreSQL keeps it, so that any instant can be read."""
    tokens: Sequence[bytes]
    """Sorted, each field and token after its length in one byte; empty if none is left."""
    nodes: AbstractSet[Node]
    """The nodes that these entries complete, if their indices are dense."""


def pages(conn: Connection) -> Generator[Page]:
    """Read all indices in order with their entries. Close it before the connection is used for the next transaction."""
    with ThreadPoolExecutor(1) as ahead:
        read, after = 0, None
        page = ahead.submit(_page, conn, after, read).result()
        while page is not None:
            read, after = read + len(page.index), page.index[-1]
            following = ahead.submit(_page, conn, after, read)
            yield page
            page = following.result()


def _page(conn: Connection, after: int | None, read: int) -> Page | None:
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT i.index, i.leaf, i.entry::text, e.header, e.ciphertext, e.token_salt, timestamptz_send(e.staged_at)"
            " FROM audit.index AS i LEFT JOIN audit.entry AS e ON e.id = i.entry"
            " WHERE (%(after)s::bigint IS NULL OR i.index > %(after)s) ORDER BY i.index LIMIT %(page)s",
            {"after": after, "page": PAGE},
        )
        found = cast("list[_Row]", cursor.fetchall())
    if not found:
        return None
    index, leaf, entry, header, ciphertext, salt, staged_at = zip(*found, strict=True)
    tokens = _tokens(conn, index[0], index[-1], entry)
    committed = [tokens.get(each, b"") for each in entry]
    nodes = _nodes(conn, read, read + len(found) - 1)
    return Page(index, leaf, entry, header, ciphertext, salt, staged_at, committed, nodes)


def _tokens(conn: Connection, first: int, last: int, entries: Sequence[str]) -> dict[str, bytes]:
    """Read the tokens of the entries of these indices; their ids are given for the months to look in."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            r"SELECT t.entry::text, string_agg(set_byte('\x00', 0, least(octet_length(t.field), 255)) || textsend(t.field)"
            r" || set_byte('\x00', 0, least(octet_length(t.token), 255)) || t.token, ''::bytea"
            r' ORDER BY t.field COLLATE "C", t.token)'
            " FROM audit.token AS t WHERE t.entry BETWEEN %s AND %s"
            " AND t.entry = ANY(ARRAY(SELECT i.entry FROM audit.index AS i WHERE i.index BETWEEN %s AND %s))"
            " GROUP BY t.entry",
            (UUID(min(entries)), UUID(max(entries)), first, last),
            prepare=False,  # planned for these ids: no other month's table is opened
        )
        return dict(cast("list[tuple[str, bytes]]", cursor.fetchall()))


def _nodes(conn: Connection, first: int, last: int) -> frozenset[Node]:
    """Read the nodes that the leaves `first` to `last` complete: those whose rightmost leaf is among them."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT n.level, n.position, n.hash FROM generate_series(1, 62) AS l (level) JOIN audit.node AS n"
            " ON n.level = l.level AND n.position >= ((%(first)s::bigint + 1) >> l.level) - 1"
            " AND n.position < ((%(last)s::bigint + 1) >> l.level) WHERE l.level <= %(height)s",
            {"first": first, "last": last, "height": (last + 1).bit_length()},
        )
        return frozenset(cast("list[Node]", cursor.fetchall()))
