"""Read files that only their owner may read: keyrings and PINs."""

import os
import stat
from pathlib import Path

from wye.errors import EnvironmentFault


def check_folder(folder: Path) -> None:
    """Raise EnvironmentFault unless this is a folder of ours that nobody else may enter."""
    _check(folder, folder.lstat(), stat.S_IFDIR, 0o700)


def read_closed(path: Path) -> bytes:
    """Read a file; raises EnvironmentFault if it is a link, another account's, or open to others."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise EnvironmentFault(f"`{path}` cannot be read: {error.strerror}") from error
    with os.fdopen(handle, "rb") as file:
        _check(path, os.fstat(file.fileno()), stat.S_IFREG, 0o600)
        return file.read()


def _check(path: Path, found: os.stat_result, kind: int, mode: int) -> None:
    if stat.S_IFMT(found.st_mode) != kind:
        raise EnvironmentFault(f"`{path}` is not a {'folder' if kind == stat.S_IFDIR else 'file'}")
    if found.st_uid != os.geteuid():
        raise EnvironmentFault(f"`{path}` belongs to another account; keys are read by their owner only")
    if stat.S_IMODE(found.st_mode) & ~mode:
        has = stat.S_IMODE(found.st_mode)
        raise EnvironmentFault(f"`{path}` has mode {has:04o}, so others may have read it; it must be {mode:04o}")
