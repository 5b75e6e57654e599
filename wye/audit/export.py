"""Export the log as static files that anyone verifies with the public key alone (C2SP tlog-tiles).

`checkpoint`, `tile/entries/...` and `tile/<level>/...` are the standard's and link no two entries of a person: they may
be published. `checkpoints.jsonl`, `sealed/` and `tokens/` are ours, for auditors: tokens of one person are alike.
"""

import errno
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import orjson

from wye.audit import rows, witness_rows
from wye.audit.checkpoint import Checkpoint
from wye.audit.growth import Place
from wye.errors import EnvironmentFault, EvidenceBroken, StorageExhausted, UsageError
from wye.store.database import Connection

WIDTH = 256
TILE_LEVELS = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Exported:
    """Tell what an export holds."""

    folder: Path
    size: int
    files: int


def export(conn: Connection, folder: Path, *, public: bool = False) -> Exported:
    """Write the log up to its newest checkpoint to a folder that is not there yet, whole or not at all.

    `public` leaves out ciphertexts and search tokens. Not inside another transaction. Raises UsageError if there is
    nothing to export or the folder exists, StorageExhausted if the disk is full.
    """
    if folder.exists():
        raise UsageError(f"`{folder}` exists; name a folder that is to be made")
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial")
    try:
        with rows.snapshot(conn):
            newest = rows.newest_checkpoint(conn)
            if newest is None:
                raise UsageError("the log has no checkpoint yet; there is nothing to export before the sequencer ran")
            folder.parent.mkdir(parents=True, exist_ok=True)
            partial.mkdir(mode=0o700)
            files = _Files(partial)
            _write(conn, files, newest, public=public)
        partial.rename(folder)
    except OSError as error:
        kind = StorageExhausted if error.errno in FULL else EnvironmentFault
        raise kind(f"the log cannot be exported to `{folder}`: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Exported(folder, newest.size, files.written)


class _Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = 0

    def write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.written += 1


def _write(conn: Connection, files: _Files, newest: Checkpoint, *, public: bool) -> None:
    entries = chain.from_iterable(rows.indexed(conn, newest.size))
    for number, bundle in enumerate(_bundles(entries, newest.size)):
        _write_bundle(files, number, bundle, public=public)
    level = 1
    while size := newest.size >> TILE_LEVELS * level:
        for start in range(0, size, WIDTH):
            places = [(level * TILE_LEVELS, position) for position in range(start, min(start + WIDTH, size))]
            path = _path(files.folder / "tile" / str(level), start // WIDTH, len(places))
            files.write(path, b"".join(_nodes(conn, places)))
        level += 1
    cosigned = {size: "".join(lines) for size, lines in witness_rows.cosignatures(conn).items()}
    if not public:
        with (files.folder / "checkpoints.jsonl").open("wb") as file:
            for each in rows.checkpoints(conn):
                if each.size < newest.size:
                    note = each.note + cosigned.get(each.size, "")
                    file.write(orjson.dumps({"at": each.at, "note": note, "size": each.size}) + b"\n")
        files.written += 1
    files.write(files.folder / "checkpoint", (newest.note + cosigned.get(newest.size, "")).encode())


def _bundles(entries: Iterator[rows.StoredEntry], size: int) -> Iterator[list[rows.StoredEntry]]:
    """Cut the log in bundles of 256; raises EvidenceBroken at the first index that is not the next."""
    bundle: list[rows.StoredEntry] = []
    due = 0
    for each in entries:
        if each.index != due:
            break
        due += 1
        bundle.append(each)
        if len(bundle) == WIDTH:
            yield bundle
            bundle = []
    if due != size:
        raise EvidenceBroken(f"index {due} is missing; run `wye audit verify`")
    if bundle:
        yield bundle


def _write_bundle(files: _Files, number: int, bundle: Sequence[rows.StoredEntry], *, public: bool) -> None:
    headers: list[bytes] = []
    for each in bundle:
        if each.header is None:
            raise EvidenceBroken(f"entry `{each.entry}` of index {each.index} is missing; run `wye audit verify`")
        headers.append(len(each.header).to_bytes(2) + each.header)
    width = len(bundle)
    files.write(_path(files.folder / "tile" / "entries", number, width), b"".join(headers))
    files.write(_path(files.folder / "tile" / "0", number, width), b"".join(each.leaf for each in bundle))
    if public:
        return
    sealed = b"".join(len(each.ciphertext).to_bytes(4) + each.ciphertext for each in bundle)
    files.write(_path(files.folder / "sealed", number, width), sealed)
    files.write(_path(files.folder / "tokens", number, width), b"".join(_token_line(each) for each in bundle))


def _token_line(entry: rows.StoredEntry) -> bytes:
    # An entry without tokens is disposed of: its commitment stays, and can no longer be opened.
    tokens = [[field, token.hex()] for field, token in entry.tokens] or None
    staged_at = (entry.staged_at - EPOCH) // timedelta(microseconds=1)
    return orjson.dumps({"salt": entry.salt.hex(), "staged_at": staged_at, "tokens": tokens}) + b"\n"


def _nodes(conn: Connection, places: Sequence[Place]) -> list[bytes]:
    found = rows.nodes_at(conn, places)
    missing = [place for place in places if place not in found]
    if missing:
        level, position = missing[0]
        raise EvidenceBroken(f"node {level}/{position} is missing; run `wye audit verify`")
    return [found[place] for place in places]


def _path(folder: Path, number: int, width: int) -> Path:
    """Give a tile's path (C2SP tlog-tiles): groups of three digits, all but the last after an x; `.p/W` if partial."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    name = "/".join(groups)
    return folder / (name if width == WIDTH else f"{name}.p/{width}")
