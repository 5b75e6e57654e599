"""Store and find wraps: (value, holder) -> the value's key, wrapped. Deleting wraps is how a value is destroyed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast
from uuid import UUID

from wye.keys.provider import KeyProvider
from wye.keys.sealing import Sealed, Wrap, unseal
from wye.store.binary_copy import copy_rows, row
from wye.store.database import Connection


def insert_wraps(conn: Connection, sealed: Iterable[Sealed]) -> None:
    """Store the wraps of sealed values by COPY, in the caller's transaction."""
    copy_rows(
        conn,
        "COPY keys.wrap (value, holder, provider_key, wrapped) FROM STDIN (FORMAT BINARY)",
        [row(each.value.bytes, each.holder.bytes, each.provider_key.encode(), each.wrapped) for each in sealed],
    )


def wraps_of(conn: Connection, values: Sequence[UUID]) -> dict[UUID, Wrap]:
    """Find one wrap of each value, any holder's; a value without one is absent: nobody can open it again."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (value) value, holder, provider_key, wrapped FROM keys.wrap"
            " WHERE value = ANY(%s) ORDER BY value, holder",
            (list(values),),
        )
        found = cast("list[tuple[UUID, UUID, str, bytes]]", cursor.fetchall())
    return {value: Wrap(holder, provider_key, wrapped) for value, holder, provider_key, wrapped in found}


def unseal_values(conn: Connection, provider: KeyProvider, sealed: Mapping[UUID, bytes]) -> dict[UUID, bytes]:
    """Open sealed values by value id; one whose wraps were shredded is absent. Raises EvidenceBroken if one is altered."""
    wraps = wraps_of(conn, list(sealed))
    return {value: unseal(provider, value, sealed[value], wrap) for value, wrap in wraps.items()}


def delete_wraps_of_holder(conn: Connection, holder: UUID) -> int:
    """Delete every wrap of a holder and say how many: what only they held is unreadable once this commits."""
    return conn.execute("DELETE FROM keys.wrap WHERE holder = %s", (holder,)).rowcount


def wraps_by_provider_key(conn: Connection) -> dict[str, int]:
    """Count the wraps under each wrapping key: what a rotation has still to rewrap."""
    found = conn.execute("SELECT provider_key, count(*) FROM keys.wrap GROUP BY provider_key ORDER BY provider_key")
    return cast("dict[str, int]", dict(cast("list[tuple[str, int]]", found.fetchall())))
