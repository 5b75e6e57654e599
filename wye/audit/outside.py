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
class KeptCheckpoint:
    """Keep the newest checkpoint in a file beside the keys, where a restored database does not reach."""

    folder: Path

    def check(self, conn: Connection, keys: KeyProvider, origin: str) -> None:
        """Raise EvidenceBroken if the log is not the one, or is older; nothing to compare before the first."""
        path = self.folder / FILE
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError):
            raise EvidenceBroken(f"`{path}` cannot be read: the newest checkpoint is not known") from None
        try:
            held = open_note(text, verifier_key(origin, keys.signing_key().public_key()))
        except BrokenNote as error:
            raise EvidenceBroken(f"`{path}` is not a checkpoint of this log: {error}") from None
        check_held(conn, held, f"`{path}`")

    def keep(self, note: str) -> None:
        """Put a newer checkpoint in the file, in one step that a crash cannot halve."""
        partial = self.folder / f".{FILE}.{secrets.token_hex(4)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with partial.open("w", encoding="utf-8", newline="") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.folder / FILE)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise EnvironmentFault(
                f"the newest checkpoint cannot be kept in `{self.folder}`: {error.strerror}"
            ) from error
