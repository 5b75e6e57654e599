"""Write a log as other software would: C2SP tlog-tiles from RFC 6962 transcribed, with none of our code."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def k_of(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


class NaiveTree:
    """MTH, PATH and PROOF of RFC 6962 section 2.1 over entries, as written there; hashes are remembered."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = list(entries)
        self._hash: Callable[[int, int], bytes] = lru_cache(maxsize=None)(self._mth)

    def mth(self, start: int, end: int) -> bytes:
        return self._hash(start, end)

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        k = k_of(end - start)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        return self._subproof(m, 0, n, known=True)

    def _mth(self, start: int, end: int) -> bytes:
        if start == end:
            return sha(b"")
        if end - start == 1:
            return sha(b"\x00" + self.entries[start])
        k = k_of(end - start)
        return sha(b"\x01" + self.mth(start, start + k) + self.mth(start + k, end))

    def _subproof(self, m: int, start: int, end: int, *, known: bool) -> list[bytes]:
        if m == end - start:
            return [] if known else [self.mth(start, end)]
        k = k_of(end - start)
        if m <= k:
            return [*self._subproof(m, start, start + k, known=known), self.mth(start + k, end)]
        return [*self._subproof(m - k, start + k, end, known=False), self.mth(start, start + k)]


class NaiveLog:
    """A log of some other software."""

    def __init__(self, origin: str, key: Ed25519PrivateKey, entries: Sequence[bytes]) -> None:
        self.origin = origin
        self.key = key
        self.tree = NaiveTree(entries)
        public = b"\x01" + key.public_key().public_bytes_raw()
        self.key_id = sha(origin.encode() + b"\n" + public)[:4]
        self.vkey = f"{origin}+{self.key_id.hex()}+{base64.b64encode(public).decode()}"

    def checkpoint(self, size: int, extension: str = "") -> str:
        """A signed note, in the midst of signatures of keys that nobody here knows."""
        root = base64.b64encode(self.tree.mth(0, size)).decode()
        text = f"{self.origin}\n{size}\n{root}\n{extension}"
        signed = base64.b64encode(self.key_id + self.key.sign(text.encode())).decode()
        stranger = base64.b64encode(b"abcd" + bytes(72)).decode()
        lines = [("stranger.example/w", stranger), (self.origin, signed), (self.origin, stranger)]
        return text + "\n" + "".join(f"\u2014 {name} {signature}\n" for name, signature in lines)

    def write(self, folder: Path, *, with_older_partials: bool = False) -> None:
        """Every tile of every level, and the entries; some software leaves the partial tiles of smaller sizes beside."""
        size = len(self.tree.entries)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checkpoint").write_text(self.checkpoint(size), encoding="utf-8")
        for bundle in range(0, size, 256):
            width = min(256, size - bundle)
            for end in {width, *(range(1, width) if with_older_partials else ())}:
                held = self.tree.entries[bundle : bundle + end]
                framed = b"".join(len(each).to_bytes(2, "big") + each for each in held)
                self._put(folder / "tile" / "entries", bundle // 256, end, framed)
        level = 0
        while (nodes := size // 256**level) > 0:
            for tile in range(0, nodes, 256):
                width = min(256, nodes - tile)
                span = 256**level
                for end in {width, *(range(1, width) if with_older_partials else ())}:
                    hashes = [self.tree.mth(n * span, (n + 1) * span) for n in range(tile, tile + end)]
                    self._put(folder / "tile" / str(level), tile // 256, end, b"".join(hashes))
            level += 1

    @staticmethod
    def _put(folder: Path, number: int, width: int, content: bytes) -> None:
        digits = f"{number:03d}" if number < 1000 else f"x{number // 1000:03d}/{number % 1000:03d}"
        path = folder / (digits if width == 256 else f"{digits}.p/{width}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
