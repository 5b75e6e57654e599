"""Check Merkle proofs (RFC 6962 section 2.1.1 and 2.1.2) and proof files (C2SP tlog-proof), read backwards from their definitions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hmac import compare_digest

from .note import BrokenNote, Note, decode, open_note
from .tree import node_hash

HASH_BYTES = 32
MOST_HASHES = 63
FIRST_LINE = "c2sp.org/tlog-proof@v1"
INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class BrokenProof(Exception):
    """Say why a proof is malformed, or does not prove."""


@dataclass(frozen=True, slots=True)
class Included:
    """Say what a proof file proves: that the entry is number `index` of the log that the checkpoint signs."""

    index: int
    note: Note


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise BrokenProof unless the leaf hash is at `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size:
        raise BrokenProof(f"a tree of {size} leaves has no index {index}")
    hashes = _hashes(proof)

    def subtree(at: int, width: int) -> bytes:
        if width == 1:
            return leaf
        left = _left(width)
        if at < left:
            return node_hash(subtree(at, left), _next(hashes))
        below = subtree(at - left, width - left)
        return node_hash(_next(hashes), below)

    found = subtree(index, size)
    _ended(hashes)
    if not compare_digest(found, root):
        raise BrokenProof("the proof does not lead to the root")


def check_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Raise BrokenProof unless the tree of `old` leaves is where the tree of `size` leaves began.

    Of an old tree of no leaves nothing can be proven: it is refused.
    """
    if not 0 < old <= size:
        raise BrokenProof(f"a tree of {old} leaves is not where one of {size} began")
    hashes = _hashes(proof)

    def subtree(held: int, width: int, *, whole: bool) -> tuple[bytes, bytes]:
        """Give the hashes of the old and the new tree below a node; `whole` if the old tree has nothing to its left."""
        if held == width:
            found = old_root if whole else _next(hashes)
            return found, found
        left = _left(width)
        if held <= left:
            before, after = subtree(held, left, whole=whole)
            return before, node_hash(after, _next(hashes))
        before, after = subtree(held - left, width - left, whole=False)
        beside = _next(hashes)
        return node_hash(beside, before), node_hash(beside, after)

    before, after = subtree(old, size, whole=True)
    _ended(hashes)
    if not compare_digest(before, old_root):
        raise BrokenProof("the proof does not lead to the old root")
    if not compare_digest(after, root):
        raise BrokenProof("the proof does not lead to the new root")


def read_hash(line: str) -> bytes:
    """Read one hash of a proof: 32 bytes in canonical base64; raises BrokenProof."""
    try:
        found = decode(line)
    except BrokenNote as error:
        raise BrokenProof(f"a hash of the proof: {error}") from None
    if len(found) != HASH_BYTES:
        raise BrokenProof("a hash of the proof is not 32 bytes")
    return found


def open_proof(text: str, leaf: bytes, verifier_key: str) -> Included:
    """Check a proof file for a leaf hash: its checkpoint by the log's key, then its hashes. Raises BrokenProof."""
    head, blank, checkpoint = text.partition("\n\n")
    if not blank:
        raise BrokenProof("a proof file has its hashes, a blank line and a checkpoint")
    lines = head.split("\n")
    if lines.pop(0) != FIRST_LINE:
        raise BrokenProof(f"a proof file begins with `{FIRST_LINE}`")
    if lines and lines[0].startswith("extra "):
        read = lines.pop(0).removeprefix("extra ")
        try:
            decode(read)
        except BrokenNote as error:
            raise BrokenProof(f"the extra line: {error}") from None
    match = INDEX.fullmatch(lines.pop(0)) if lines else None
    if match is None:
        raise BrokenProof("a proof file says `index` and a plain decimal number")
    try:
        note = open_note(checkpoint, verifier_key)
    except BrokenNote as error:
        raise BrokenProof(str(error)) from None
    index = int(match[1])
    check_inclusion(leaf, index, note.size, [read_hash(line) for line in lines], note.root)
    return Included(index, note)


def _hashes(proof: Sequence[bytes]) -> Iterator[bytes]:
    if len(proof) > MOST_HASHES:
        raise BrokenProof(f"a proof has at most {MOST_HASHES} hashes")
    if any(len(each) != HASH_BYTES for each in proof):
        raise BrokenProof("a hash of the proof is not 32 bytes")
    return iter(proof)


def _next(hashes: Iterator[bytes]) -> bytes:
    found = next(hashes, None)
    if found is None:
        raise BrokenProof("the proof is too short")
    return found


def _ended(hashes: Iterator[bytes]) -> None:
    if next(hashes, None) is not None:
        raise BrokenProof("the proof is too long")


def _left(width: int) -> int:
    """Find the largest power of two below a width: how many leaves are to the left (RFC 6962 section 2.1, k)."""
    return 1 << (width - 1).bit_length() - 1
