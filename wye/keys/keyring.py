"""Keep a set of keys in one file: made whole or not at all, and replaced whole or not at all.

One file, because a set of keys of which half is missing is worse than none: it would be completed with new keys
under which nothing old opens.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wye.errors import EnvironmentFault
from wye.keys.closed import read_closed

FILE = "keyring.json"
KEY_BYTES = 32
VERSION = 1


@dataclass(frozen=True, slots=True)
class Keyring:
    """Hold the keys of one machine: 32 raw bytes each."""

    current: str
    wrapping: Mapping[str, bytes] = field(repr=False)
    root: bytes = field(repr=False)
    signing: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Make new keys."""
        name = new_name()
        signing = Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(name, {name: os.urandom(KEY_BYTES)}, os.urandom(KEY_BYTES), signing)


def new_name() -> str:
    """Name a new wrapping key."""
    return f"file-{secrets.token_hex(4)}"


def read(path: Path) -> Keyring:
    """Read a keyring; raises EnvironmentFault if it is not whole, or open to other accounts."""
    content = read_closed(path)
    try:
        held = orjson.loads(content)
        wrapping = {str(name): _decode(key) for name, key in held["wrapping"].items()}
        ring = Keyring(str(held["current"]), wrapping, _decode(held["root"]), _decode(held["signing"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        # No cause: what a JSON error quotes could be a key.
        raise EnvironmentFault(f"`{path}` is not a whole keyring; put back the copy from its backup") from None
    if held.get("version") != VERSION or ring.current not in wrapping:
        raise EnvironmentFault(f"`{path}` is not a keyring of version 1; put back the copy from its backup")
    return ring


def make(path: Path) -> None:
    """Write new keys beside their place, then link them in: the link fails if another process was first."""
    with _written(path, Keyring.new()) as partial:
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            return
        _sync(path.parent)


def replace(path: Path, ring: Keyring) -> None:
    """Put a keyring in the place of the one that is there, in one step that a crash cannot halve."""
    with _written(path, ring) as partial:
        partial.replace(path)
        _sync(path.parent)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Keep other processes from changing the keyring meanwhile."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def _written(path: Path, ring: Keyring) -> Iterator[Path]:
    content = orjson.dumps(
        {
            "version": VERSION,
            "current": ring.current,
            "wrapping": {name: _encode(key) for name, key in ring.wrapping.items()},
            "root": _encode(ring.root),
            "signing": _encode(ring.signing),
        }
    )
    partial = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            yield partial
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"keys cannot be written to `{path}`: {error.strerror}") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _decode(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
