"""Read a log's static files (C2SP tlog-tiles), and the sealed parts that Wye puts beside them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from .wrong import Check, Wrong

WIDTH = 256
HASH_BYTES = 32


def numbered(folder: Path, number: int, width: int = WIDTH) -> Path:
    """Give a tile's path: groups of three digits, all but the last after an x; `.p/W` for a partial one."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    name = "/".join(groups)
    return folder / (name if width == WIDTH else f"{name}.p/{width}")


class Tiles:
    """Read the hashes of a tree of `size` leaves, one tile a level held at a time."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self._held: dict[int, tuple[int, bytes]] = {}

    def hash(self, level: int, position: int) -> bytes:
        """Read one hash of a tile level (a tree level divided by 8); raises Wrong if its tile is missing or cut."""
        number, offset = divmod(position, WIDTH)
        return self._tile(level, number)[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]

    def leaves(self, first: int, count: int) -> bytes:
        """Read leaf hashes of one tile, as `hash` does."""
        number, offset = divmod(first, WIDTH)
        return self._tile(0, number)[offset * HASH_BYTES : (offset + count) * HASH_BYTES]

    def _tile(self, level: int, number: int) -> bytes:
        held = self._held.get(level)
        if held is None or held[0] != number:
            width = min(WIDTH, (self._size >> 8 * level) - number * WIDTH)
            path = numbered(self._folder / "tile" / str(level), number, width)
            content = _read(path, "node", f"tile {level}/{number}")
            if len(content) != width * HASH_BYTES:
                raise Wrong("node", f"tile {level}/{number}", f"it is not {width} hashes long")
            held = self._held[level] = (number, content)
        return held[1]


def headers(folder: Path, number: int, width: int) -> Sequence[bytes]:
    """Read an entry bundle: each entry after its length in 2 bytes."""
    content = _read(numbered(folder / "tile" / "entries", number, width), "entry", _entries(number, width))
    return _frames(content, 2, number, width)


def ciphertexts(folder: Path, number: int, width: int) -> Sequence[bytes]:
    """Read the ciphertexts of a bundle: each after its length in 4 bytes."""
    content = _read(numbered(folder / "sealed", number, width), "ciphertext", _entries(number, width))
    return _frames(content, 4, number, width)


Search = tuple[bytes, int, Sequence[tuple[str, bytes]] | None]
"""An entry's salt, its time of staging, and its tokens; none once disposed of."""


def search_tokens(folder: Path, number: int, width: int) -> Sequence[Search]:
    """Read the search tokens of a bundle, a JSON line an entry."""
    content = _read(numbered(folder / "tokens", number, width), "tokens", _entries(number, width))
    lines = content.splitlines()
    if len(lines) != width:
        raise Wrong("tokens", _entries(number, width), f"there are tokens of {len(lines)} entries, not of {width}")
    return [_search(line, number * WIDTH + offset) for offset, line in enumerate(lines)]


def checkpoints(folder: Path) -> Iterator[tuple[int, str]]:
    """Read (size, note) of the earlier checkpoints, smallest first; none if the export has none."""
    path = folder / "checkpoints.jsonl"
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            try:
                held = json.loads(line)
                size, note = held["size"], held["note"]
            except (ValueError, KeyError, TypeError):
                raise Wrong("checkpoint", f"checkpoints.jsonl:{number + 1}", "it is not a size and a note") from None
            if type(size) is not int or not isinstance(note, str):
                raise Wrong("checkpoint", f"checkpoints.jsonl:{number + 1}", "it is not a size and a note")
            yield size, note


def _search(line: bytes, index: int) -> Search:
    try:
        held = json.loads(line.decode())  # given bytes it would first guess their encoding
        tokens = held["tokens"]
        read = None if tokens is None else [(str(field), bytes.fromhex(token)) for field, token in tokens]
        staged_at = int(held["staged_at"])
        staged_at.to_bytes(8, "big", signed=True)
        return bytes.fromhex(held["salt"]), staged_at, read
    except (ValueError, KeyError, TypeError, OverflowError):
        raise Wrong("tokens", f"entry {index}", "its line of tokens is malformed") from None


def _frames(content: bytes, prefix: int, number: int, width: int) -> Sequence[bytes]:
    check: Check = "entry" if prefix == 2 else "ciphertext"  # noqa: PLR2004  the length's bytes
    frames: list[bytes] = []
    at = 0
    while at < len(content):
        start = at + prefix
        end = start + int.from_bytes(content[at:start], "big")
        if start > len(content) or end > len(content):
            raise Wrong(check, f"entry {number * WIDTH + len(frames)}", "its bundle ends in the middle of it")
        frames.append(content[start:end])
        at = end
    if len(frames) != width:
        raise Wrong(
            "index",
            f"entry {number * WIDTH + min(len(frames), width)}",
            f"its bundle holds {len(frames)} entries, not {width}",
        )
    return frames


def _entries(number: int, width: int) -> str:
    return f"entries {number * WIDTH} to {number * WIDTH + width - 1}"


def _read(path: Path, check: Check, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Wrong(check, name, f"`{path.name}` cannot be read: {error.strerror}") from None
