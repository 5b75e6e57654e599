"""Grow a Merkle tree by a batch of leaves, knowing only its right edge: pure, O(batch + log size)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wye.audit.merkle import node_hash

Place = tuple[int, int]
"""Where a node is: its level, and its position in that level; it spans the 2^level leaves from position * 2^level."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Hold what a batch of leaves adds: the nodes above level 0 that are now complete, and the new root."""

    nodes: Sequence[tuple[int, int, bytes]]
    root: bytes


def edge(size: int) -> list[Place]:
    """List the largest complete subtrees that make up a tree of `size` leaves, left to right."""
    return [(level, (size >> level) - 1) for level in reversed(range(size.bit_length())) if size >> level & 1]


def edge_root(hashes: Sequence[bytes]) -> bytes:
    """Hash a tree's right edge, left to right, into its root (RFC 6962 section 2.1)."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


def grow(size: int, held: Mapping[Place, bytes], leaves: Sequence[bytes]) -> Growth:
    """Add leaves to a tree of `size` leaves of which the nodes of `edge(size)` are held."""
    right = {level: held[level, position] for level, position in edge(size)}
    nodes: list[tuple[int, int, bytes]] = []
    row, start, level = list(leaves), size, 0
    while row:
        if start % 2:
            row.insert(0, right.pop(level))
            start -= 1
        if len(row) % 2:
            right[level] = row[-1]
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        start, level = start >> 1, level + 1
        nodes.extend((level, start + offset, each) for offset, each in enumerate(row))
    new_size = size + len(leaves)
    return Growth(nodes, edge_root([right[level] for level, _ in edge(new_size)]))
