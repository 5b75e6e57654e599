"""Store and read the audit trail in PostgreSQL; entries, indices, nodes and checkpoints are inserted and never changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.audit.checkpoint import Checkpoint
from wye.audit.entry import FIELDS, TOKEN_BYTES, Entry
from wye.audit.growth import Growth, Place
from wye.store.binary_copy import copy_rows, instant, row
from wye.store.database import Connection

_ENTRY = (3).to_bytes(2) + (16).to_bytes(4)
_TOKEN: dict[str, bytes] = {
    field: len(field).to_bytes(4) + field.encode() + TOKEN_BYTES.to_bytes(4) for field in FIELDS
}
"""What stands before entry and token in a row of audit.token, as `row` would write it: five rows an entry, each alike."""
SEQUENCER_LOCK = 7794
"""INVARIANT: every sequencer of one database takes this advisory lock before it reads what waits."""


def _copy(conn: Connection, statement: LiteralString, types: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def insert_entries(conn: Connection, entries: Sequence[Entry], at: datetime) -> None:
    """Store entries with their search tokens and put them in line for an index, by COPY."""
    staged = instant(at)
    copy_rows(
        conn,
        "COPY audit.entry (id, header, ciphertext, token_salt, staged_at) FROM STDIN (FORMAT BINARY)",
        [row(each.id.bytes, each.header, each.sealed.ciphertext, each.salt, staged) for each in entries],
    )
    copy_rows(
        conn,
        "COPY audit.token (entry, field, token) FROM STDIN (FORMAT BINARY)",
        [
            _ENTRY + entry + _TOKEN[field] + token
            for entry, tokens in ((each.id.bytes, each.tokens) for each in entries)
            for field, token in tokens
        ],
    )
    copy_rows(conn, "COPY audit.staged (entry) FROM STDIN (FORMAT BINARY)", [row(each.id.bytes) for each in entries])


def lock_sequencer(conn: Connection) -> None:
    """Wait until no other sequencer is at work; held until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (SEQUENCER_LOCK,))


def waiting(conn: Connection, limit: int) -> list[tuple[UUID, bytes]]:
    """Read (entry, header) of entries without an index, by id. No cursor remembers where it was: none is passed over."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT e.id, e.header FROM audit.staged AS s JOIN audit.entry AS e ON e.id = s.entry"
            " WHERE NOT EXISTS (SELECT FROM audit.index AS i WHERE i.entry = s.entry) ORDER BY s.entry LIMIT %s",
            (limit,),
        )
        return cast("list[tuple[UUID, bytes]]", cursor.fetchall())


def count_waiting(conn: Connection) -> int:
    """Count the entries that wait for an index."""
    return _number(conn, "SELECT count(*) FROM audit.staged")


def count_nodes(conn: Connection) -> int:
    """Count the stored nodes."""
    return _number(conn, "SELECT count(*) FROM audit.node")


def count_indices(conn: Connection) -> int:
    """Count the indices given, by the newest: they are dense."""
    return _number(conn, "SELECT coalesce(max(index) + 1, 0) FROM audit.index")


def _number(conn: Connection, query: LiteralString) -> int:
    row = conn.execute(query).fetchone()
    return cast("int", row[0]) if row else 0


def newest_checkpoint(conn: Connection) -> Checkpoint | None:
    """Read the checkpoint of the largest size."""
    return next(
        iter(_checkpoints(conn, "SELECT size, root, note, at FROM audit.checkpoint ORDER BY size DESC LIMIT 1")), None
    )


def checkpoints(conn: Connection, page: int = 1000) -> Iterator[Checkpoint]:
    """Read all checkpoints, smallest size first, a page at a time."""
    after: int | None = None
    while True:
        found = _checkpoints(
            conn,
            "SELECT size, root, note, at FROM audit.checkpoint WHERE %(after)s::bigint IS NULL OR size > %(after)s"
            " ORDER BY size LIMIT %(page)s",
            {"after": after, "page": page},
        )
        yield from found
        if len(found) < page:
            return
        after = found[-1].size


def _checkpoints(
    conn: Connection, query: LiteralString, parameters: Mapping[str, object] | None = None
) -> list[Checkpoint]:
    found = cast("list[tuple[int, bytes, str, datetime]]", conn.execute(query, parameters).fetchall())
    return [Checkpoint(size, root, note, at) for size, root, note, at in found]


def nodes_at(conn: Connection, places: Sequence[Place]) -> dict[Place, bytes]:
    """Read the hashes at places of the tree; level 0 is the leaves. A place that is not stored is absent."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "WITH wanted AS (SELECT * FROM unnest(%s::smallint[], %s::bigint[]) AS w (level, position))"
            " SELECT level, position, hash FROM wanted JOIN audit.node USING (level, position)"
            " UNION ALL SELECT w.level, w.position, i.leaf FROM wanted AS w"
            " JOIN audit.index AS i ON w.level = 0 AND i.index = w.position",
            ([level for level, _ in places], [position for _, position in places]),
        )
        found = cast("list[tuple[int, int, bytes]]", cursor.fetchall())
    return {(level, position): node for level, position, node in found}


def place_of(conn: Connection, entry: UUID) -> tuple[int, bytes] | None:
    """Find an entry's index and leaf hash; none until it is sequenced."""
    row = conn.execute("SELECT index, leaf FROM audit.index WHERE entry = %s", (entry,)).fetchone()
    return cast("tuple[int, bytes]", row) if row else None


def insert_growth(
    conn: Connection, start: int, entries: Sequence[UUID], leaves: Sequence[bytes], growth: Growth
) -> None:
    """Give entries their dense indices from `start`, store the nodes now complete, and take the entries off the line."""
    _copy(
        conn,
        "COPY audit.index (index, entry, leaf) FROM STDIN (FORMAT BINARY)",
        ["int8", "uuid", "bytea"],
        ((start + place, entry, leaf) for place, (entry, leaf) in enumerate(zip(entries, leaves, strict=True))),
    )
    _copy(
        conn,
        "COPY audit.node (level, position, hash) FROM STDIN (FORMAT BINARY)",
        ["int2", "int8", "bytea"],
        growth.nodes,
    )
    conn.execute("DELETE FROM audit.staged WHERE entry = ANY(%s)", (list(entries),))


def insert_checkpoint(conn: Connection, checkpoint: Checkpoint) -> None:
    """Store a signed checkpoint."""
    conn.execute(
        "INSERT INTO audit.checkpoint (size, root, note, at) VALUES (%s, %s, %s, %s)",
        (checkpoint.size, checkpoint.root, checkpoint.note, checkpoint.at),
    )


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """Hold one index with its entry as stored; `header` is none if the entry is not there."""

    index: int
    leaf: bytes
    entry: UUID
    header: bytes | None
    ciphertext: bytes
    salt: bytes
    staged_at: datetime
    tokens: Sequence[tuple[str, bytes]]


Page = Sequence[StoredEntry]


@contextmanager
def snapshot(conn: Connection) -> Iterator[None]:
    """Read one unmoving state of the database, for as long as it takes. Not inside another transaction."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def indexed(conn: Connection, below: int | None = None, page: int = 2048, first: int | None = None) -> Iterator[Page]:
    """Read all indices in order with their entries, in pages of flat size; only those from `first` and below a size."""
    after: int | None = None if first is None else first - 1
    while True:
        with conn.cursor(binary=True) as cursor:
            cursor.execute(
                "SELECT i.index, i.leaf, i.entry, e.header, e.ciphertext, e.token_salt, e.staged_at"
                " FROM audit.index AS i LEFT JOIN audit.entry AS e ON e.id = i.entry"
                " WHERE (%(after)s::bigint IS NULL OR i.index > %(after)s)"
                " AND (%(below)s::bigint IS NULL OR i.index < %(below)s) ORDER BY i.index LIMIT %(page)s",
                {"after": after, "below": below, "page": page},
            )
            found = cast("list[tuple[int, bytes, UUID, bytes | None, bytes, bytes, datetime]]", cursor.fetchall())
        tokens = tokens_of(conn, [row[2] for row in found])
        if found:
            yield [StoredEntry(*row, tokens.get(row[2], ())) for row in found]
        if len(found) < page:
            return
        after = found[-1][0]


def tokens_of(conn: Connection, entries: Sequence[UUID]) -> dict[UUID, list[tuple[str, bytes]]]:
    """Read the search tokens of entries, sorted as their commitment has them."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute("SELECT entry, field, token FROM audit.token WHERE entry = ANY(%s)", (list(entries),))
        found = cast("list[tuple[UUID, str, bytes]]", cursor.fetchall())
    tokens: dict[UUID, list[tuple[str, bytes]]] = {}
    for entry, field, token in found:
        tokens.setdefault(entry, []).append((field, token))
    for each in tokens.values():
        each.sort()
    return tokens


def orphans(conn: Connection, limit: int = 100) -> list[tuple[UUID, bytes]]:
    """Find (entry, header) of entries that have no index and do not wait for one: their index was taken away."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT e.id, e.header FROM audit.entry AS e"
            " WHERE NOT EXISTS (SELECT FROM audit.index AS i WHERE i.entry = e.id)"
            " AND NOT EXISTS (SELECT FROM audit.staged AS s WHERE s.entry = e.id) ORDER BY e.id LIMIT %s",
            (limit,),
        )
        return cast("list[tuple[UUID, bytes]]", cursor.fetchall())


def beyond(conn: Connection) -> list[tuple[UUID, int]]:
    """Find (entry, index) of indices that no checkpoint covers: the sequencer gives none without signing it."""
    found = conn.execute(
        "SELECT entry, index FROM audit.index"
        " WHERE index < 0 OR index >= (SELECT coalesce(max(size), 0) FROM audit.checkpoint) ORDER BY index LIMIT 100"
    )
    return cast("list[tuple[UUID, int]]", found.fetchall())
