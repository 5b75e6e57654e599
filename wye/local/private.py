"""Keep folders, files and locks that only this account may open."""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from wye.errors import EnvironmentFault


def folder(path: Path) -> Path:
    """Make a folder of mode 0700, with its parents; a folder that is there already is closed to others."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Put text in a file whole or not at all; it is never readable by others, not even for a moment."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def append(path: Path) -> BinaryIO:
    """Open a file to add to its end; it is made with mode 0600."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def secret(path: Path) -> str:
    """Read a secret of 32 random bytes (URL-safe text), made at the first asking. Hold a lock while asking."""
    if not path.exists():
        write(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8")


@contextmanager
def lock(path: Path, patience: float = 150.0) -> Iterator[None]:
    """Hold a file lock among processes; it goes with its holder, however the holder ends.

    Not to be taken twice by one process. Raises EnvironmentFault if others hold it for longer than `patience`.
    """
    folder(path.parent)
    until = time.monotonic() + patience
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise EnvironmentFault(f"another process has held `{path}` for {patience:.0f} s") from None
                time.sleep(0.05)
            else:
                break
        yield


def home_name(home: Path) -> str:
    """Name a home folder in 12 hexadecimal digits, the same for as long as it stays in its place."""
    return hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]


def own_folder_in_shared_place(path: Path, mode: int) -> Path:
    """Make a folder where every local user may make one (`/var/tmp`); refuse one that somebody else made first."""
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        found = path.lstat()
        if not path.is_dir() or path.is_symlink() or found.st_uid != os.geteuid():
            raise EnvironmentFault(f"`{path}` belongs to another account; have it removed, then try again") from None
    path.chmod(mode)
    return path
