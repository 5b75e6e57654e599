"""Grow a Merkle tree leaf by leaf, keeping only its right edge (RFC 6962 section 2.1): flat memory for any log."""

import hashlib
from collections.abc import Sequence


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

    def add(self, leaf: bytes) -> Sequence[tuple[int, int, bytes]]:
        """Add a leaf hash; give the nodes (level, position, hash) above level 0 that it completes, upward."""
        index, level, found = self.size, 0, leaf
        completed: list[tuple[int, int, bytes]] = []
        while index >> level & 1:
            found = node_hash(self._edge.pop(), found)
            level += 1
            completed.append((level, index >> level, found))
        self._edge.append(found)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Hash the tree; of no leaves it is SHA-256 of nothing."""
        if not self._edge:
            return hashlib.sha256(b"").digest()
        found = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found
