"""Compare the log with checkpoints that are held outside its database: a restored older log must never go on.

Its next entries would take indices that other entries had, under checkpoints that contradict those that were signed.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from wye.audit import proofs, rows
from wye.audit.checkpoint import verifier_key
from wye.audit.verifier import BrokenNote, Note, open_note
from wye.errors import EnvironmentFault, EvidenceBroken
from wye.keys.provider import KeyProvider
from wye.store.database import Connection

FILE = "newest-checkpoint"
HELD_BY = "held-by-"
"""Begins the name of the file that keeps what a partner gave back."""


def check_held(conn: Connection, held: Note, holder: str) -> None:
    """Raise EvidenceBroken unless the log began with the one that a held checkpoint signs. INVARIANT: signature checked."""
    newest = rows.newest_checkpoint(conn)
    size = newest.size if newest else 0
    if held.size > size:
        raise EvidenceBroken(
            f"the log ends at {size}, and {holder} holds a checkpoint of {held.size}: an older log was restored."
            " Nothing is sequenced; put back the newest copy of the database"
        )
    if proofs.root_at(conn, held.size) != held.root:
        raise EvidenceBroken(
            f"the first {held.size} entries are not those of the checkpoint that {holder} holds: history was rewritten"
        )


@dataclass(frozen=True, slots=True)
class KeptCheckpoints:
    """Keep checkpoints in files beside the keys, where a restored database does not reach: ours, and what partners hold.

    A partner is brought our checkpoints and gives the newest back with its receipts. So even where database and files
    were restored together, the next receipt tells that the log was longer.
    """

    folder: Path

    def check(self, conn: Connection, keys: KeyProvider, origin: str) -> None:
        """Raise EvidenceBroken if the log is not the one, or is older; nothing to compare before the first."""
        for path in [self.folder / FILE, *sorted(self.folder.glob(f"{HELD_BY}*"))]:
            held = self._open(path, keys, origin)
            if held is not None:
                check_held(conn, held, f"`{path}`")

    def newest(self) -> str:
        """Give the newest checkpoint of ours as it was signed; empty before the first."""
        try:
            return (self.folder / FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def keep(self, note: str) -> None:
        """Put a newer checkpoint of ours in its file."""
        self._write(FILE, note)

    def keep_held(self, holder: str, note: str, keys: KeyProvider, origin: str) -> bool:
        """Keep what a partner gives back, if it is newer than what it gave before; False if we never signed it.

        The next run of the sequencer compares the log with it.
        """
        try:
            given = open_note(note, verifier_key(origin, keys.signing_key().public_key()))
        except BrokenNote:
            return False
        name = f"{HELD_BY}{holder}"
        before = self._open(self.folder / name, keys, origin)
        if before is None or before.size < given.size:
            self._write(name, note)
        return True

    def _open(self, path: Path, keys: KeyProvider, origin: str) -> Note | None:
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise EvidenceBroken(f"`{path}` cannot be read: the newest checkpoint is not known") from None
        try:
            return open_note(text, verifier_key(origin, keys.signing_key().public_key()))
        except BrokenNote as error:
            raise EvidenceBroken(f"`{path}` is not a checkpoint of this log: {error}") from None

    def _write(self, name: str, note: str) -> None:
        """Put a note in a file in one step that a crash cannot halve; raises EnvironmentFault."""
        partial = self.folder / f".{name}.{secrets.token_hex(4)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with partial.open("w", encoding="utf-8", newline="") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.folder / name)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise EnvironmentFault(f"a checkpoint cannot be kept in `{self.folder}`: {error.strerror}") from error
