"""Give sealed values a second holder: for what was sealed for one person and turns out to be about two."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from wye.keys.provider import KeyProvider
from wye.keys.rows import wraps_of
from wye.store.database import Connection

HELD = "SELECT value FROM keys.wrap WHERE holder = %s AND value = ANY(%s)"


def add_holder(conn: Connection, provider: KeyProvider, values: Sequence[UUID], holder: UUID) -> int:
    """Wrap the keys of values for one more holder, in the caller's transaction; gives how many are new.

    Nothing is opened or sealed anew. A value whose wraps were shredded stays unreadable. Raises EvidenceBroken.
    """
    held = {value for (value,) in cast("list[tuple[UUID]]", conn.execute(HELD, (holder, list(values))).fetchall())}
    wraps = wraps_of(conn, [value for value in dict.fromkeys(values) if value not in held])
    made = []
    for value, wrap in wraps.items():
        key = provider.unwrap(wrap.provider_key, wrap.wrapped, value.bytes + wrap.holder.bytes)
        made.append((value, holder, *provider.wrap(key, value.bytes + holder.bytes)))
    if made:
        with (
            conn.cursor() as cursor,
            cursor.copy("COPY keys.wrap (value, holder, provider_key, wrapped) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["uuid", "uuid", "text", "bytea"])
            for row in made:
                copy.write_row(row)
    return len(made)
