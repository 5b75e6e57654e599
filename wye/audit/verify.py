"""Verify the live log: everything is computed anew from the stored headers, in one unmoving state, in flat memory.

It reads with the code of the stand-alone verifier, and shares none with the writer. What it cannot show: entries,
indices and checkpoints that were all removed from the end. For that compare with a checkpoint held elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wye.audit import rows
from wye.audit.checkpoint import Checkpoint, verifier_key
from wye.audit.disposal import check_destroyed
from wye.audit.verifier.entry import ciphertext_fits, read_header, tokens_fit
from wye.audit.verifier.note import BrokenNote, open_note
from wye.audit.verifier.tree import Tree, leaf_hash
from wye.audit.verifier.wrong import Check, Wrong
from wye.keys.provider import KeyProvider
from wye.keys.rows import wraps_of
from wye.store.database import Connection

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    signed = _signed(conn, keys)
    due = next(signed, None)
    growth = _Growth(conn)
    for page in rows.indexed(conn):
        nodes = rows.nodes_within(conn, growth.tree.size, growth.tree.size + len(page) - 1)
        for stored in page:
            _check_index(conn, stored, growth.tree.size, progress.size)
            growth.add(stored, nodes)
            progress.entries += 1
            if due is not None and due.size == progress.entries:
                growth.compare(due)
                progress.checkpoints += 1
                due = next(signed, None)
    _check_end(conn, growth, progress.size, due)
    progress.disposed = check_destroyed(conn, keys)


def _check_index(conn: Connection, stored: rows.StoredEntry, due: int, size: int) -> None:
    if stored.index != due:
        raise _missing(conn, due, stored)
    if due >= size:
        raise Wrong("index", str(stored.entry), f"its index {due} is beyond the newest checkpoint, which signs {size}")


def _check_end(conn: Connection, growth: "_Growth", size: int, due: Checkpoint | None) -> None:
    if growth.suspect is not None:
        raise growth.suspect
    if growth.tree.size < size:
        raise _missing(conn, growth.tree.size, None)
    if due is not None:
        raise Wrong("checkpoint", f"checkpoint {due.size}", "no log has that size")
    if rows.count_nodes(conn) != growth.nodes:
        raise Wrong("node", "audit.node", f"there are not {growth.nodes} nodes: one is there that belongs to no tree")
    for entry, _ in rows.orphans(conn, 1):
        raise Wrong("index", str(entry), "it has no index, and does not wait for one")


class _Growth:
    """Grow the tree from the stored headers and compare each hash that is stored or signed."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._signed = 0
        self.tree = Tree()
        self.suspect: Wrong | None = None
        self.nodes = 0

    def add(self, stored: rows.StoredEntry, nodes: Mapping[tuple[int, int], bytes]) -> None:
        if stored.header is None:
            raise self.suspect or _no_entry(self._conn, stored)
        leaf = leaf_hash(stored.header)
        if self.suspect is None:
            # A header that does not hash to its leaf: which of the two was altered, the next checkpoint will tell.
            if leaf != stored.leaf:
                explanation = f"the header of index {stored.index} does not hash to its leaf"
                self.suspect = Wrong("header", str(stored.entry), explanation)
            else:
                _check_parts(self._conn, stored, stored.header)
        for level, position, found in self.tree.add(leaf):
            self.nodes += 1
            if self.suspect is None and nodes.get((level, position)) != found:
                first, last = position << level, (position + 1 << level) - 1
                raise Wrong("node", f"entries {first} to {last}", f"their hashes do not make node {level}/{position}")

    def compare(self, signed: Checkpoint) -> None:
        fits = signed.root == self.tree.root()
        if self.suspect is not None and fits:
            raise Wrong("index", self.suspect.name, "the leaf of its index is not the one that was signed")
        if self.suspect is not None:
            raise self.suspect
        if not fits:
            name = f"entries {self._signed} to {signed.size - 1}"
            raise Wrong("root", name, f"they do not make the root that checkpoint {signed.size} signed")
        self._signed = signed.size


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


def _check_parts(conn: Connection, stored: rows.StoredEntry, raw: bytes) -> None:
    name = str(stored.entry)
    try:
        header = read_header(raw)
    except ValueError as error:
        raise Wrong("header", name, str(error)) from None
    if header.id != name:
        raise Wrong("index", name, f"index {stored.index} points at it, but its header is of entry {header.id}")
    if not ciphertext_fits(header, stored.ciphertext):
        raise Wrong("ciphertext", name, f"the ciphertext of index {stored.index} is not the one its header commits to")
    staged_at = (stored.staged_at - EPOCH) // timedelta(microseconds=1)
    if not tokens_fit(header, stored.salt, staged_at, stored.tokens) and (
        stored.tokens or wraps_of(conn, [stored.entry])
    ):
        explanation = f"the search tokens of index {stored.index} are not the ones that its header commits to"
        raise Wrong("tokens", name, explanation)


def _missing(conn: Connection, index: int, found: rows.StoredEntry | None) -> Wrong:
    """Name the entry whose index is missing: one that has none, or whose index is where none can be."""
    for entry, _ in rows.orphans(conn, 1):
        return Wrong("index", str(entry), f"its index was removed: index {index} is missing")
    if found is not None and found.index < index:
        return Wrong("index", str(found.entry), f"its index {found.index} cannot be: {index} is due")
    for entry, misplaced in rows.beyond(conn):
        return Wrong("index", str(entry), f"its index {misplaced} cannot be: index {index} is missing")
    return Wrong("index", f"index {index}", "it is missing, and no entry is left that could have it")


def _no_entry(conn: Connection, stored: rows.StoredEntry) -> Wrong:
    for entry, header in rows.orphans(conn):
        if leaf_hash(header) == stored.leaf:
            return Wrong("index", str(entry), f"index {stored.index} no longer points at it")
    return Wrong("entry", str(stored.entry), f"index {stored.index} points at it, and it is not there")
