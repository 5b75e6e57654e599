"""Tell a lawful destruction from a wrap that was lost: each entry that nobody can open is accounted for by an entry that is.

A shred notes which entries it destroyed, and its own entry, in the log and under a key that no shred destroys, says how
many. Who deletes a wrap behind the database's back would have to write such an entry too, and to be in the log with it.
"""

from wye.audit import disposal_rows as rows
from wye.audit.event import Event, read_body
from wye.audit.verifier.wrong import Wrong
from wye.errors import EvidenceBroken
from wye.keys.provider import KeyProvider
from wye.keys.rows import unseal_values
from wye.store.database import Connection
from wye.vocabulary import EventKind


def check_destroyed(conn: Connection, keys: KeyProvider) -> int:
    """Count the entries that were lawfully destroyed; raises Wrong naming an entry or a shred that does not add up.

    Does not show: a wrap that was lost while another holder's is still there.
    """
    entry = rows.lost(conn)
    if entry is not None:
        raise Wrong("wrap", str(entry), "its wraps are gone, and no shred says that it destroyed them")
    entry = rows.undead(conn)
    if entry is not None:
        raise Wrong("wrap", str(entry), "a shred says that it destroyed it, and its wrap or a search token is there")
    for shred in rows.told_shreds(conn):
        _check_told(conn, keys, shred)
    return rows.count_destroyed(conn)


def _check_told(conn: Connection, keys: KeyProvider, shred: rows.ToldShred) -> None:
    name = f"shred {shred.id}"
    if shred.state != "done" or shred.entry is None or shred.ciphertext is None:
        raise Wrong(
            "wrap",
            name,
            f"{shred.destroyed} entries are said to be destroyed by it, and no entry tells that it was done",
        )
    told = _opened(conn, keys, shred)
    if told is None or told.kind is not EventKind.ERASURE or told.detail.get("shred") != str(shred.id):
        raise Wrong("wrap", name, f"entry {shred.entry}, which is to tell that it was done, does not")
    said = (told.counts or {}).get("entries")
    if said != shred.destroyed:
        raise Wrong(
            "wrap", name, f"{shred.destroyed} entries are said to be destroyed by it, and its entry tells of {said}"
        )


def _opened(conn: Connection, keys: KeyProvider, shred: rows.ToldShred) -> Event | None:
    if shred.entry is None or shred.ciphertext is None:
        return None
    try:
        body = unseal_values(conn, keys, {shred.entry: shred.ciphertext}).get(shred.entry)
        return None if body is None else read_body(body)
    except EvidenceBroken:
        return None
