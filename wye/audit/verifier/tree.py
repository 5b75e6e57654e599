"""Grow a Merkle tree, keeping only its right edge (RFC 6962 section 2.1): flat memory for any log."""

import hashlib
from collections.abc import Sequence
from itertools import count, repeat

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Hold a tree of `size` leaves by its largest complete subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaf hashes; give the nodes (level, position, hash) above level 0 that they complete, level by level.

        A whole level is hashed in one go: of many leaves each costs little more than its two hashes.
        """
        completed: list[tuple[int, int, bytes]] = []
        kept: list[bytes] = []
        row, start, level = list(leaves), self.size, 0
        while row:
            if start % 2:
                row.insert(0, self._edge.pop())
                start -= 1
            if len(row) % 2:
                kept.append(row.pop())
            row = [_sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
            start, level = start // 2, level + 1
            completed += zip(repeat(level), count(start), row)
        self._edge += reversed(kept)
        self.size += len(leaves)
        return completed

    def root(self) -> bytes:
        """Hash the tree; of no leaves it is SHA-256 of nothing."""
        if not self._edge:
            return hashlib.sha256(b"").digest()
        found = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found
