"""Verify a log exported as static files: every header, ciphertext, token, hash and checkpoint, in flat memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import tiles
from .entry import UUID_TEXT, ciphertext_fits, read_header, tokens_commitment, tokens_fit, usual_header
from .note import BrokenNote, Note, cosigned_at, open_note
from .tree import Tree, leaf_hash
from .wrong import Check, Wrong

TILE_LEVELS = 8
ID = slice(81, 117)
"""Where a header as a hub writes it has the entry's id."""

_Entry = tuple[bytes, Wrong | None]
"""A header, and what is wrong with the parts that it commits to."""


@dataclass(frozen=True, slots=True)
class Report:
    """Tell how a verification ended, and what it could check: `sealed` counts ciphertexts, `tokens` token lists."""

    ok: bool
    origin: str | None
    size: int
    entries: int
    checkpoints: int
    sealed: int
    tokens: int
    witnessed: int
    """The size up to which every given witness cosigned; whatever is newer, the log's own key vouches for alone."""
    first_wrong: str | None
    check: Check | None
    explanation: str | None


@dataclass(slots=True)
class _Progress:
    origin: str | None = None
    size: int = 0
    entries: int = 0
    checkpoints: int = 0
    sealed: int = 0
    tokens: int = 0
    witnessed: int = 0


def verify_directory(
    folder: Path, verifier_key: str, witness_keys: Sequence[str] = (), held: str | None = None
) -> Report:
    """Verify the log in a folder against its public key; never raises for what it finds there.

    Without the folders `sealed` and `tokens` the log of any software is verified, by its tree alone. `witness_keys`
    are those of witnesses who must have cosigned; `held` is the text of a checkpoint that was held elsewhere. What
    cannot be shown: tampering with entries newer than the last checkpoint that is held, or was cosigned, outside.
    """
    progress = _Progress()
    wrong: Wrong | None = None
    try:
        _walk(folder, verifier_key, witness_keys, held, progress)
    except Wrong as found:
        wrong = found
    return Report(
        wrong is None,
        progress.origin,
        progress.size,
        progress.entries,
        progress.checkpoints,
        progress.sealed,
        progress.tokens,
        progress.witnessed,
        wrong.name if wrong else None,
        wrong.check if wrong else None,
        wrong.explanation if wrong else None,
    )


def _walk(
    folder: Path, verifier_key: str, witness_keys: Sequence[str], held_text: str | None, progress: _Progress
) -> None:
    newest_text = _newest(folder)
    newest = _open(newest_text, verifier_key, "checkpoint")
    progress.origin, progress.size = newest.origin, newest.size
    held = None if held_text is None else _held(held_text, verifier_key, newest)
    cosigned = _Cosigned(witness_keys)
    signed = _signed(folder, verifier_key, newest, newest_text, cosigned)
    due: Note | None = next(signed)
    growth = _Growth(tiles.Tiles(folder, newest.size))
    for bundle in _bundles(folder, newest.size, progress):
        at = 0
        while at < len(bundle):
            stops = [each.size for each in (due, held) if each is not None and each.size > progress.entries]
            width = min([len(bundle) - at, *(stop - progress.entries for stop in stops)])
            growth.add(bundle[at : at + width], progress)
            at += width
            if due is not None and due.size == progress.entries:
                growth.compare(due)
                progress.checkpoints += 1
                due = next(signed, None)
            if held is not None and held.size == progress.entries and growth.root() != held.root:
                raise Wrong(
                    "held", f"checkpoint {held.size}", "the log did not begin with what was signed and held outside"
                )
    if due is not None:  # only an empty log's
        growth.compare(due)
        progress.checkpoints += 1
    progress.witnessed = cosigned.by_all()


class _Growth:
    """Grow the tree from the headers and compare each hash that is stored or signed."""

    def __init__(self, stored: tiles.Tiles) -> None:
        self._stored = stored
        self._tree = Tree()
        self._suspect: Wrong | None = None
        self._suspect_id = ""
        self._signed = 0

    def add(self, entries: Sequence[_Entry], progress: _Progress) -> None:
        """Add entries of one bundle: at once if nothing is wrong with any, else one by one to name the first."""
        leaves = [leaf_hash(header) for header, _ in entries]
        sound = self._suspect is None and not any(wrong for _, wrong in entries)
        if sound and b"".join(leaves) == self._stored.leaves(self._tree.size, len(leaves)):
            self._compare_nodes(self._tree.extend(leaves))
            progress.entries += len(entries)
            return
        for (header, wrong), leaf in zip(entries, leaves, strict=True):
            self._add_one(header, leaf, wrong)
            progress.entries += 1

    def _add_one(self, header: bytes, leaf: bytes, wrong: Wrong | None) -> None:
        index = self._tree.size
        if self._suspect is None:
            # A header that does not hash to its leaf: which of the two was altered, the tree above will tell.
            if leaf != self._stored.hash(0, index):
                self._suspect = Wrong("header", f"entry {index}", "its header does not hash to its leaf")
                self._suspect_id = _name(header, index)
            elif wrong is not None:
                raise wrong
        self._compare_nodes(self._tree.extend([leaf]))

    def _compare_nodes(self, completed: Sequence[tuple[int, int, bytes]]) -> None:
        for level, position, found in completed:
            if level % TILE_LEVELS == 0:
                fits = found == self._stored.hash(level // TILE_LEVELS, position)
                self._resolve(fits=fits)
                if not fits:
                    first, last = position << level, (position + 1 << level) - 1
                    raise Wrong("node", f"entries {first} to {last}", "their hashes do not make the hash above them")

    def root(self) -> bytes:
        """Hash the tree so far."""
        return self._tree.root()

    def compare(self, note: Note) -> None:
        fits = note.size == self._tree.size and note.root == self._tree.root()
        self._resolve(fits=fits)
        if not fits:
            name = f"entries {self._signed} to {note.size - 1}"
            raise Wrong("root", name, f"they do not make the root that checkpoint {note.size} signed")
        self._signed = note.size

    def _resolve(self, *, fits: bool) -> None:
        if self._suspect is not None and fits:
            raise Wrong("node", self._suspect_id, "its stored leaf is not the one that the tree was made of")
        if self._suspect is not None:
            raise self._suspect


class _Cosigned:
    """Note up to which size each witness cosigned."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._sizes = {key.strip(): -1 for key in keys}

    def note(self, text: str, size: int) -> None:
        for key in self._sizes:
            try:
                cosigned_at(text, key)
            except BrokenNote:
                continue
            self._sizes[key] = size

    def by_all(self) -> int:
        for key, size in self._sizes.items():
            if size < 0:
                raise Wrong("witness", key.split("+", 1)[0], "no checkpoint in the export bears its cosignature")
        return min(self._sizes.values(), default=0)


def _held(text: str, verifier_key: str, newest: Note) -> Note:
    held = _open(text, verifier_key, "the checkpoint held outside")
    if held.size > newest.size:
        raise Wrong(
            "held", f"checkpoint {held.size}", f"it was held outside, and the log ends at {newest.size}: it is older"
        )
    return held


def _open(text: str, verifier_key: str, name: str) -> Note:
    try:
        return open_note(text, verifier_key)
    except BrokenNote as error:
        raise Wrong("checkpoint", name, str(error)) from None


def _newest(folder: Path) -> str:
    try:
        with (folder / "checkpoint").open(encoding="utf-8", newline="") as file:
            return file.read()
    except OSError as error:
        raise Wrong("checkpoint", "checkpoint", f"it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Wrong("checkpoint", "checkpoint", "it is not UTF-8") from None


def _signed(folder: Path, verifier_key: str, newest: Note, newest_text: str, cosigned: _Cosigned) -> Iterator[Note]:
    """Give every signed size and root, the newest last; each is verified when its turn comes."""
    before = 0
    for size, text in tiles.checkpoints(folder):
        note = _open(text, verifier_key, f"checkpoint {size}")
        if note.size != size or not before < size < newest.size:
            raise Wrong("checkpoint", f"checkpoint {size}", "its size is not the one it is filed under, in order")
        before = size
        cosigned.note(text, size)
        yield note
    cosigned.note(newest_text, newest.size)
    yield newest


def _bundles(folder: Path, size: int, progress: _Progress) -> Iterator[Sequence[_Entry]]:
    """Give the entries, bundle by bundle. Counts what it could compare."""
    with_sealed, with_tokens = (folder / "sealed").is_dir(), (folder / "tokens").is_dir()
    for start in range(0, size, tiles.WIDTH):
        number, width = start // tiles.WIDTH, min(tiles.WIDTH, size - start)
        headers = tiles.headers(folder, number, width)
        sealed = tiles.ciphertexts(folder, number, width) if with_sealed else [None] * width
        search = tiles.search_tokens(folder, number, width) if with_tokens else [None] * width
        parts = zip(headers, range(start, start + width), sealed, search, strict=True)
        yield [(header, _parts_wrong(header, index, body, tokens)) for header, index, body, tokens in parts]
        progress.sealed += width if with_sealed else 0
        progress.tokens += sum(each is not None and each[2] is not None for each in search)


def _parts_wrong(raw: bytes, index: int, sealed: bytes | None, search: tiles.Search | None) -> Wrong | None:
    if sealed is None and search is None:
        return None
    if sealed is not None and search is not None and search[2] is not None:
        name = raw[ID].decode("latin-1")
        if UUID_TEXT.fullmatch(name) and raw == usual_header(name, sealed, tokens_commitment(*search[:2], search[2])):
            return None
    try:
        header = read_header(raw)
    except ValueError as error:
        return Wrong("header", f"entry {index}", str(error))
    if sealed is not None and not ciphertext_fits(header, sealed):
        return Wrong("ciphertext", header.id, f"ciphertext {index} is not the one that its header commits to")
    if search is not None and search[2] is not None and not tokens_fit(header, search[0], search[1], search[2]):
        return Wrong("tokens", header.id, f"search tokens {index} are not the ones that their header commits to")
    return None


def _name(header: bytes, index: int) -> str:
    try:
        return read_header(header).id
    except ValueError:
        return f"entry {index}"
