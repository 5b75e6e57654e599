"""Land what a source holds: every row sealed under its own key, the cursor moved only with the batch.

Most sensitive class passing through: whatever the source holds. Nothing of it is kept in clear.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from wye.intake import rows
from wye.keys.provider import KeyProvider
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal_many
from wye.ports import SourceRow, record_id
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import Dimension


@dataclass(frozen=True, slots=True)
class Landed:
    """Tell what became of one batch. `batch` is none when every row was as it had been."""

    batch: UUID | None
    read: int
    unchanged: int


def land(
    conn: Connection,
    keys: KeyProvider,
    source: str,
    stream: str,
    incoming: Mapping[UUID, SourceRow],
    *,
    cursor: str | None,
    at: datetime,
    agreement: str | None = None,
) -> Landed:
    """Land one batch of rows by record, in the caller's transaction; rows as they were when last landed are left out.

    Landing the same batch twice lands it once.
    """
    mac = keys.mac_key(f"content/{source}")
    plain = {record: encode(row) for record, row in incoming.items()}
    content = {
        record: hmac.digest(mac, orjson.dumps(incoming[record].values, option=orjson.OPT_SORT_KEYS), hashlib.sha256)
        for record in plain
    }
    known = rows.content_of(conn, source, stream, list(plain))
    fresh = [
        record
        for record, row in incoming.items()
        if (record in known if row.deleted else known.get(record) != content[record])
    ]
    number = uuid7()
    if fresh or cursor is not None:
        rows.insert_batch(conn, number, source, stream, len(fresh), agreement, at, state=None if fresh else "mapped")
    if fresh:
        sealed = seal_many(keys, [(uuid7(), record, plain[record]) for record in fresh])
        rows.copy_landed(
            conn,
            number,
            [(each.value, each.holder, incoming[each.holder].deleted, incoming[each.holder].observed_at, each.ciphertext)
             for each in sealed],
        )  # fmt: skip
        insert_wraps(conn, sealed)
        rows.remember(
            conn,
            source,
            stream,
            [(record, content[record]) for record in fresh if not incoming[record].deleted],
            [record for record in fresh if incoming[record].deleted],
        )
    if cursor is not None:
        rows.move_cursor(conn, source, stream, cursor, number, at)
    return Landed(number if fresh else None, len(incoming), len(incoming) - len(fresh))


def land_unreadable(
    conn: Connection,
    keys: KeyProvider,
    source: str,
    stream: str,
    message: UUID,
    body: bytes,
    *,
    owner: str,
    reason: str,
    agreement: str,
    at: datetime,
) -> UUID:
    """Keep a partner's message that verifies but cannot be read: sealed, in quarantine, with the referee's reason."""
    batch, value = uuid7(), uuid7()
    record = record_id(source, stream, str(message))
    sealed = seal_many(keys, [(value, record, body)])
    rows.insert_batch(conn, batch, source, stream, 1, agreement, at, state="mapped")
    rows.copy_landed(conn, batch, [(value, record, False, at, sealed[0].ciphertext)])
    insert_wraps(conn, sealed)
    rows.quarantine(conn, source, stream, [(uuid7(), record, value, reason, "*", Dimension.VALIDITY, owner)], at)
    return batch


def encode(row: SourceRow) -> bytes:
    """Write a row as the bytes that are sealed."""
    return orjson.dumps(
        {"key": row.key, "values": dict(row.values), "observed_at": row.observed_at, "deleted": row.deleted},
        option=orjson.OPT_SORT_KEYS,
    )


def decode(plain: bytes) -> SourceRow:
    """Read a row back from its sealed bytes."""
    held = orjson.loads(plain)
    return SourceRow(held["key"], held["values"], datetime.fromisoformat(held["observed_at"]), held["deleted"])
