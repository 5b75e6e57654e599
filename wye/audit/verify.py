"""Verify the live log: everything is computed anew from the stored headers, in one unmoving state, in flat memory.

It reads with the code of the stand-alone verifier, and shares none with the writer. What it cannot show: entries,
indices and checkpoints that were all removed from the end. For that compare with a checkpoint held elsewhere.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import cast
from uuid import UUID

from wye.audit import rows
from wye.audit.checkpoint import Checkpoint, verifier_key
from wye.audit.disposal import check_destroyed
from wye.audit.verifier.entry import ciphertext_fits, commitment, read_header, usual_header
from wye.audit.verifier.note import BrokenNote, open_note
from wye.audit.verifier.tree import Tree, leaf_hash
from wye.audit.verifier.wrong import Check, Wrong
from wye.audit.verify_rows import Node, Page, pages
from wye.keys.provider import KeyProvider
from wye.keys.rows import wraps_of
from wye.store.database import Connection

SINCE_2000 = 946_684_800_000_000
"""Unix microseconds at the beginning of 2000, from which PostgreSQL counts."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Tell how a verification ended. `first_wrong` names an entry by id, a checkpoint by size, or a range of indices."""

    ok: bool
    entries: int
    """Entries verified: all that are indexed if the log is whole."""
    size: int
    """What the newest checkpoint signs."""
    checkpoints: int
    waiting: int
    """Entries that have no index yet: nothing proves these until the sequencer ran."""
    disposed: int
    """Entries whose wraps and search tokens a shred destroyed: still proven, no longer readable or found."""
    first_wrong: str | None
    check: Check | None
    explanation: str | None


@dataclass(slots=True)
class _Progress:
    entries: int = 0
    size: int = 0
    checkpoints: int = 0
    waiting: int = 0
    disposed: int = 0


def verify(conn: Connection, keys: KeyProvider) -> Verification:
    """Verify headers, ciphertexts, tokens, indices, nodes, every checkpoint and what was destroyed; stop at the first wrong.

    Not inside another transaction.
    """
    progress = _Progress()
    wrong: Wrong | None = None
    with rows.snapshot(conn):
        try:
            _walk(conn, keys, progress)
        except Wrong as found:
            wrong = found
    return Verification(
        ok=wrong is None,
        entries=progress.entries,
        size=progress.size,
        checkpoints=progress.checkpoints,
        waiting=progress.waiting,
        disposed=progress.disposed,
        first_wrong=wrong.name if wrong else None,
        check=wrong.check if wrong else None,
        explanation=wrong.explanation if wrong else None,
    )


def _walk(conn: Connection, keys: KeyProvider, progress: _Progress) -> None:
    newest = rows.newest_checkpoint(conn)
    progress.size = newest.size if newest else 0
    progress.waiting = rows.count_waiting(conn)
    growth = _Growth(conn, _signed(conn, keys), progress)
    with closing(pages(conn)) as log:
        for page in log:
            growth.add(page)
    growth.end()
    progress.disposed = check_destroyed(conn, keys)


class _Growth:
    """Grow the tree from the stored headers, and compare each hash that is stored or signed with what it is of.

    A page is compared column by column; only where columns differ its entries are looked at one by one.
    """

    def __init__(self, conn: Connection, signed: Iterator[Checkpoint], progress: _Progress) -> None:
        self._conn = conn
        self._checkpoints = signed
        self._due = next(signed, None)
        self._signed = 0
        self._progress = progress
        self._tree = Tree()
        self._suspect: Wrong | None = None
        self._nodes = 0

    def add(self, page: Page) -> None:
        """Add the entries of a page; raises Wrong at the first that is not as it was written."""
        there = self._there(page)
        leaves = [leaf_hash(header) for header in cast("Sequence[bytes]", page.header[:there])]
        sound = 0
        if self._suspect is None:
            sound = _alike(leaves, page.leaf)
            first, wrong = self._parts(page, sound)
            self._grow(leaves[:first], page.nodes)
            if wrong is not None:
                raise wrong
            if sound < there:
                # A header that does not hash to its leaf: which of the two was altered, the next checkpoint will tell.
                explanation = f"the header of index {page.index[sound]} does not hash to its leaf"
                self._suspect = Wrong("header", page.entry[sound], explanation)
        self._grow(leaves[sound:], page.nodes)
        if there < len(page.index):
            raise self._gone(page, there)

    def end(self) -> None:
        """Compare what is left once all entries were added."""
        if self._suspect is not None:
            raise self._suspect
        if self._tree.size < self._progress.size:
            raise _missing(self._conn, self._tree.size, None)
        if self._due is not None:
            raise Wrong("checkpoint", f"checkpoint {self._due.size}", "no log has that size")
        if rows.count_nodes(self._conn) != self._nodes:
            explanation = f"there are not {self._nodes} nodes: one is there that belongs to no tree"
            raise Wrong("node", "audit.node", explanation)
        for entry, _ in rows.orphans(self._conn, 1):
            raise Wrong("index", str(entry), "it has no index, and does not wait for one")

    def _there(self, page: Page) -> int:
        """Count the entries of a page before the first whose index is not the one due, is signed by none, or has no entry."""
        due = self._tree.size
        there = min(_alike(page.index, range(due, due + len(page.index))), max(self._progress.size - due, 0))
        return page.header.index(None, 0, there) if None in page.header[:there] else there

    def _gone(self, page: Page, at: int) -> Wrong:
        index, entry, due = page.index[at], page.entry[at], self._tree.size
        if index != due:
            return _missing(self._conn, due, (entry, index))
        if due >= self._progress.size:
            return Wrong(
                "index", entry, f"its index {due} is beyond the newest checkpoint, which signs {self._progress.size}"
            )
        return self._suspect or _no_entry(self._conn, index, entry, page.leaf[at])

    def _parts(self, page: Page, sound: int) -> tuple[int, Wrong | None]:
        """Compare id, ciphertext and tokens of the first entries with their headers; give the first wrong and its place."""
        columns = zip(page.entry, page.ciphertext, page.salt, page.staged_at, page.tokens, strict=True)
        since_1970 = {each: _since_1970(each) for each in set(page.staged_at[:sound])}
        usual = [
            usual_header(entry, ciphertext, commitment(salt, since_1970[staged_at], tokens))
            for entry, ciphertext, salt, staged_at, tokens in islice(columns, sound)
        ]
        if _alike(usual, page.header) < sound:
            for at, header in enumerate(usual):
                if header != page.header[at] and (wrong := self._part(page, at)) is not None:
                    return at, wrong
        return sound, None

    def _part(self, page: Page, at: int) -> Wrong | None:
        name, index = page.entry[at], page.index[at]
        try:
            header = read_header(cast("bytes", page.header[at]))
        except ValueError as error:
            return Wrong("header", name, str(error))
        if header.id != name:
            return Wrong("index", name, f"index {index} points at it, but its header is of entry {header.id}")
        if not ciphertext_fits(header, page.ciphertext[at]):
            explanation = f"the ciphertext of index {index} is not the one its header commits to"
            return Wrong("ciphertext", name, explanation)
        if commitment(page.salt[at], _since_1970(page.staged_at[at]), page.tokens[at]) != header.tokens and (
            page.tokens[at] or wraps_of(self._conn, [UUID(name)])
        ):
            explanation = f"the search tokens of index {index} are not the ones that its header commits to"
            return Wrong("tokens", name, explanation)
        return None

    def _grow(self, leaves: Sequence[bytes], nodes: AbstractSet[Node]) -> None:
        """Add leaves, and compare nodes and roots with those that are stored and signed; nodes only if nothing is suspect."""
        at = 0
        while at < len(leaves):
            due, size = self._due, self._tree.size
            signed = due is not None and size < due.size <= size + len(leaves) - at
            end = at + due.size - size if due is not None and signed else len(leaves)
            completed = self._tree.extend(leaves[at:end])
            if self._suspect is None and not set(completed) <= nodes:
                raise self._wrong_node(completed, nodes)
            self._nodes += len(completed)
            self._progress.entries, at = self._tree.size, end
            if due is not None and signed:
                self._compare(due)
                self._due = next(self._checkpoints, None)

    def _wrong_node(self, completed: Sequence[Node], nodes: AbstractSet[Node]) -> Wrong:
        """Name the node that the first of these entries complete and that is not stored so."""
        wrong = (
            (position + 1 << level, level, position)
            for level, position, found in completed
            if (level, position, found) not in nodes
        )
        beyond, level, position = min(wrong)
        self._progress.entries = beyond - 1
        return Wrong(
            "node", f"entries {position << level} to {beyond - 1}", f"their hashes do not make node {level}/{position}"
        )

    def _compare(self, signed: Checkpoint) -> None:
        fits = signed.root == self._tree.root()
        if self._suspect is not None and fits:
            raise Wrong("index", self._suspect.name, "the leaf of its index is not the one that was signed")
        if self._suspect is not None:
            raise self._suspect
        if not fits:
            name = f"entries {self._signed} to {signed.size - 1}"
            raise Wrong("root", name, f"they do not make the root that checkpoint {signed.size} signed")
        self._signed = signed.size
        self._progress.checkpoints += 1


def _signed(conn: Connection, keys: KeyProvider) -> Iterator[Checkpoint]:
    """Give every checkpoint, smallest first, once its note is signed by our key and says what its row says."""
    public = keys.signing_key().public_key()
    for each in rows.checkpoints(conn):
        origin = each.note.partition("\n")[0]
        try:
            note = open_note(each.note, verifier_key(origin, public))
        except BrokenNote as error:
            raise Wrong("checkpoint", f"checkpoint {each.size}", str(error)) from None
        if (note.size, note.root) != (each.size, each.root):
            raise Wrong("checkpoint", f"checkpoint {each.size}", "its row does not say what its note signs")
        yield each


def _alike(ones: Sequence[object], others: Sequence[object]) -> int:
    """Count how many are alike from the first on."""
    if list(ones) == list(others[: len(ones)]):
        return len(ones)
    return next(at for at, (one, other) in enumerate(zip(ones, others, strict=False)) if one != other)


def _since_1970(since_2000: bytes) -> bytes:
    """Make Unix microseconds of microseconds since 2000; an instant that 8 bytes cannot hold becomes one that no clock tells."""
    return ((int.from_bytes(since_2000) + SINCE_2000) % 2**64).to_bytes(8)


def _missing(conn: Connection, index: int, found: tuple[str, int] | None) -> Wrong:
    """Name the entry whose index is missing: one that has none, or whose index is where none can be."""
    for entry, _ in rows.orphans(conn, 1):
        return Wrong("index", str(entry), f"its index was removed: index {index} is missing")
    if found is not None and found[1] < index:
        return Wrong("index", found[0], f"its index {found[1]} cannot be: {index} is due")
    for entry, misplaced in rows.beyond(conn):
        return Wrong("index", str(entry), f"its index {misplaced} cannot be: index {index} is missing")
    return Wrong("index", f"index {index}", "it is missing, and no entry is left that could have it")


def _no_entry(conn: Connection, index: int, entry: str, leaf: bytes) -> Wrong:
    for orphan, header in rows.orphans(conn):
        if leaf_hash(header) == leaf:
            return Wrong("index", str(orphan), f"index {index} no longer points at it")
    return Wrong("entry", entry, f"index {index} points at it, and it is not there")
