"""Prove from stored nodes what is in the log and that it only grew (RFC 6962 sections 2.1.1, 2.1.2): O(log size) reads."""

import base64
from collections.abc import Sequence
from uuid import UUID

from wye.audit import rows
from wye.audit.growth import Place, edge, edge_root
from wye.audit.witness_rows import cosignatures
from wye.errors import EvidenceBroken, UsageError
from wye.store.database import Connection

Span = tuple[int, int]
"""The leaves from the first number to before the second; the first is a multiple of the power of two that holds it."""


def root_at(conn: Connection, size: int) -> bytes:
    """Hash the log as it was at an earlier size."""
    return _hashes(conn, [(0, size)])[0] if size else edge_root([])


def inclusion(conn: Connection, index: int, size: int) -> list[bytes]:
    """Prove that entry `index` is in the log of `size` entries: siblings, leaf upward."""
    if not 0 <= index < size:
        raise ValueError(f"index {index} is not in a log of {size} entries")
    return _hashes(conn, _path(index, 0, size))


def consistency(conn: Connection, old: int, size: int) -> list[bytes]:
    """Prove that the log of `size` entries began with the one of `old`; of no entries nothing has to be proven."""
    if not 0 <= old <= size:
        raise ValueError(f"no log of {old} entries is the beginning of one of {size}")
    return _hashes(conn, _growth(old, 0, size, whole=True)) if old else []


def prove_entry(conn: Connection, entry: UUID) -> tuple[int, bytes, str]:
    """Prove that an entry is in the log: its index, its leaf hash, and a proof file (C2SP tlog-proof).

    Raises UsageError if there is no such entry, or it waits for its index.
    """
    with rows.snapshot(conn):
        newest = rows.newest_checkpoint(conn)
        found = rows.place_of(conn, entry)
        if newest is None or found is None:
            raise UsageError(f"no audit entry `{entry}` has an index; a new one has it once the sequencer ran")
        index, leaf = found
        lines = "".join(cosignatures(conn).get(newest.size, []))
        return index, leaf, _write(index, inclusion(conn, index, newest.size), newest.note + lines)


def _write(index: int, proof: Sequence[bytes], note: str) -> str:
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(base64.b64encode(each).decode() for each in proof)]
    return "\n".join(lines) + "\n\n" + note


def _path(index: int, start: int, end: int) -> list[Span]:
    if end - start == 1:
        return []
    middle = start + _left(end - start)
    if index < middle:
        return [*_path(index, start, middle), (middle, end)]
    return [*_path(index, middle, end), (start, middle)]


def _growth(old: int, start: int, end: int, *, whole: bool) -> list[Span]:
    if old == end:
        return [] if whole else [(start, end)]
    middle = start + _left(end - start)
    if old <= middle:
        return [*_growth(old, start, middle, whole=whole), (middle, end)]
    return [*_growth(old, middle, end, whole=False), (start, middle)]


def _left(width: int) -> int:
    return 1 << (width - 1).bit_length() - 1


def _hashes(conn: Connection, spans: Sequence[Span]) -> list[bytes]:
    """Hash spans of leaves, each from the complete subtrees that make it up."""
    parts = [[(level, (start >> level) + position) for level, position in edge(end - start)] for start, end in spans]
    held = rows.nodes_at(conn, [place for places in parts for place in places])
    return [edge_root([_held(held, place) for place in places]) for places in parts]


def _held(held: dict[Place, bytes], place: Place) -> bytes:
    found = held.get(place)
    if found is None:
        raise EvidenceBroken(f"node {place[0]}/{place[1]} is missing; run `wye audit verify`")
    return found
