"""Put a batch into the finance system's drop folder: whole or not at all, and once.

Two files make a batch: `<batch>.dat`, then `<batch>.ctl` with its totals. Finance takes only what has its control
file. It moves the data away and leaves the control file: that is how both sides know that a name has been used.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wye.ports import BadInput, SourceUnavailable, StorageExhausted

FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Totals:
    """Hold the control totals of a batch: records, pence on either side, and the SHA-256 of the data file."""

    rows: int
    debits: int
    credits: int
    sha256: str

    def text(self) -> str:
        """Write them as the control file's lines."""
        return f"rows={self.rows}\ndebits={self.debits}\ncredits={self.credits}\nsha256={self.sha256}\n"


def drop(folder: Path, batch: str, lines: Iterable[bytes], pence: int) -> Totals:
    """Write the batch's two files; a batch of that name and content that is already there is left alone.

    Raises StorageExhausted (nothing of the batch stays), SourceUnavailable (the folder cannot be used) and BadInput
    (the name was used for other content).
    """
    with _faults(), _locked(folder), _scratch(folder) as scratch:
        control = folder / f"{batch}.ctl"
        if control.exists():
            # Written before: only count and compare, so that a full disk cannot turn a repeat into a failure.
            totals = _count(lines, pence)
            if control.read_text("ascii") != totals.text():
                raise BadInput(f"batch `{batch}` was already written with other content; give this one a new name")
            return totals
        with (scratch / "data").open("xb") as file:
            totals = _count(_copied(lines, file), pence)
            _settle(file)
        with (scratch / "control").open("xb") as file:
            file.write(totals.text().encode("ascii"))
            _settle(file)
        _publish(folder, batch, scratch)
        return totals


def _publish(folder: Path, batch: str, scratch: Path) -> None:
    """Rename both files into place. INVARIANT: the control file comes last, so a reader never sees half a batch."""
    data = folder / f"{batch}.dat"
    try:
        (scratch / "data").replace(data)
        _sync_folder(folder)
        (scratch / "control").replace(folder / f"{batch}.ctl")
        _sync_folder(folder)
    except OSError:
        if not (folder / f"{batch}.ctl").exists():
            data.unlink(missing_ok=True)
        raise


def _count(lines: Iterable[bytes], pence: int) -> Totals:
    digest = hashlib.sha256()
    rows = 0
    for line in lines:
        digest.update(line)
        rows += 1
    return Totals(rows, pence, pence, digest.hexdigest())


def _copied(lines: Iterable[bytes], file: BinaryIO) -> Iterator[bytes]:
    for line in lines:
        file.write(line)
        yield line


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageExhausted(
                "agresso: the disk or a file limit stopped the batch; nothing of it was kept: make room and run again"
            ) from None
        raise SourceUnavailable(
            f"agresso: drop folder cannot be written ({os.strerror(error.errno or 0).lower()}); "
            "check that it is there and that this account may write to it"
        ) from None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one writer at a time into the folder; the lock ends with the process, however it ends."""
    descriptor = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    for left in folder.glob(".writing-*"):  # by a writer that was killed: the lock says that nobody writes now
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as scratch:
        yield Path(scratch)
