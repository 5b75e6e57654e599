"""Remember, of each log, the last checkpoint that was cosigned: on disk before anyone is told."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ..verifier.note import Note, open_note


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold a watched log: its public key, and the note that was last cosigned; none before the first."""

    verifier_key: str
    note: str | None = None

    @property
    def last(self) -> Note | None:
        """Read the last cosigned checkpoint."""
        return None if self.note is None else open_note(self.note, self.verifier_key)


class Memory:
    """Keep one file for each log. A log without a file is unknown: a lost memory is never taken for a new log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def watch(self, verifier_key: str) -> str:
        """Begin to watch a log, of which nothing was seen yet; gives its name. Raises ValueError if it is watched."""
        origin = verifier_key.strip().split("+", 1)[0]
        path = self._path(origin)
        with self.held():
            if path.exists():
                raise ValueError(f"`{origin}` is watched already")
            self._write(path, Seen(verifier_key.strip()))
        return origin

    def origins(self) -> list[str]:
        """Name the logs that are watched."""
        keys = [self._read(path).verifier_key for path in sorted(self.folder.glob("log-*.json"))]
        return [key.split("+", 1)[0] for key in keys]

    def recall(self, origin: str) -> Seen | None:
        """Recall a log; none if it is not watched."""
        path = self._path(origin)
        return self._read(path) if path.exists() else None

    def remember(self, origin: str, seen: Seen) -> None:
        """Put a log's new state in the place of its old one. Inside `held`."""
        self._write(self._path(origin), seen)

    def keep_evidence(self, signed: str, note: str) -> None:
        """Keep a note that its log signed and that did not fit what was seen: once, however often it is sent."""
        path = self.folder / f"refused-{hashlib.sha256(signed.encode()).hexdigest()[:32]}.txt"
        if not path.exists():
            path.write_text(note, encoding="utf-8", newline="")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let one at a time compare and remember, whatever threads and processes there are."""
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _path(self, origin: str) -> Path:
        return self.folder / f"log-{hashlib.sha256(origin.encode()).hexdigest()[:32]}.json"

    def _read(self, path: Path) -> Seen:
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            return Seen(held["verifier_key"], held["note"])
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"`{path}` is not a witness's memory; a witness that lost it is to be retired") from None

    def _write(self, path: Path, seen: Seen) -> None:
        partial = path.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            json.dump(asdict(seen), file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
