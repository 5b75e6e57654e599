"""Keep keys in one file on this machine: folder 0700, file 0600, made whole or not at all.

One file, because a set of keys of which half is missing is worse than none: it would be completed with new keys
under which nothing old opens.
"""

import base64
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wye.errors import EnvironmentFault, EvidenceBroken

FILE = "keyring.json"
KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class FileKeys:
    """Be the key provider of one machine. Make it with `FileKeys.open`."""

    folder: Path
    current: str
    _wrapping: dict[str, AESGCM] = field(repr=False)
    _root: bytes = field(repr=False)
    _signing: Ed25519PrivateKey = field(repr=False)
    _macs: dict[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Read the keys of a folder, made at the first asking; of two processes that make them, both use the first's.

        Raises EnvironmentFault if they are missing and not to be made, unreadable, or open to other accounts.
        """
        if not os.path.lexists(folder):
            if not create:
                raise EnvironmentFault(f"no keys in `{folder}`; set WYE_HOME to the home that holds them")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_closed(folder, folder.lstat(), stat.S_IFDIR, 0o700)
        path = folder / FILE
        if not os.path.lexists(path):
            if not create:
                raise EnvironmentFault(f"no keys in `{folder}`; set WYE_HOME to the home that holds them")
            _make(path)
        return cls._read(path)

    @classmethod
    def _read(cls, path: Path) -> Self:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise EnvironmentFault(f"`{path}` cannot be read: {error.strerror}") from error
        with os.fdopen(handle, "rb") as file:
            _check_closed(path, os.fstat(file.fileno()), stat.S_IFREG, 0o600)
            content = file.read()
        try:
            held = orjson.loads(content)
            wrapping = {str(name): AESGCM(_decode(key)) for name, key in held["wrapping"].items()}
            current = str(held["current"])
            root = _decode(held["root"])
            signing = Ed25519PrivateKey.from_private_bytes(_decode(held["signing"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            # No cause: what a JSON error quotes could be a key.
            raise EnvironmentFault(f"`{path}` is not a whole keyring; put back the copy from its backup") from None
        if held.get("version") != 1 or current not in wrapping:
            raise EnvironmentFault(f"`{path}` is not a keyring of version 1; put back the copy from its backup")
        return cls(path.parent, current, wrapping, root, signing)

    @property
    def wrapping_keys(self) -> tuple[str, ...]:
        """Name every wrapping key, the current one among them."""
        return tuple(sorted(self._wrapping))

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap by AES-256-GCM: nonce, then ciphertext and tag. Rotate long before 2^32 wraps (SP 800-38D section 8.3)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapping[self.current].encrypt(nonce, key, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap what `wrap` gave."""
        wrapping = self._wrapping.get(key_id)
        if wrapping is None:
            raise EvidenceBroken(f"no wrapping key `{key_id}` in `{self.folder}`")
        try:
            return wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise EvidenceBroken(f"a wrap under key `{key_id}` does not open: it was altered or moved") from None

    def mac_key(self, label: str) -> bytes:
        """Derive by HKDF-SHA-256 (RFC 5869) from the root."""
        if label not in self._macs:
            derive = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"wye/mac/v1/" + label.encode())
            self._macs[label] = derive.derive(self._root)
        return self._macs[label]

    def signing_key(self) -> Ed25519PrivateKey:
        """Give the Ed25519 key of the checkpoints."""
        return self._signing


def _check_closed(path: Path, found: os.stat_result, kind: int, mode: int) -> None:
    if stat.S_IFMT(found.st_mode) != kind:
        raise EnvironmentFault(f"`{path}` is not a {'folder' if kind == stat.S_IFDIR else 'file'}")
    if found.st_uid != os.geteuid():
        raise EnvironmentFault(f"`{path}` belongs to another account; keys are read by their owner only")
    if stat.S_IMODE(found.st_mode) & ~mode:
        has = stat.S_IMODE(found.st_mode)
        raise EnvironmentFault(f"`{path}` has mode {has:04o}, so others may have read the keys; it must be {mode:04o}")


def _make(path: Path) -> None:
    """Write a new keyring beside its place, then link it in: the link fails if another process was first."""
    name = f"file-{secrets.token_hex(4)}"
    content = orjson.dumps(
        {
            "version": 1,
            "current": name,
            "wrapping": {name: _encode(os.urandom(KEY_BYTES))},
            "root": _encode(os.urandom(KEY_BYTES)),
            "signing": _encode(Ed25519PrivateKey.generate().private_bytes_raw()),
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
            try:
                path.hardlink_to(partial)
            except FileExistsError:
                return
        finally:
            partial.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise EnvironmentFault(f"keys cannot be written to `{path}`: {error.strerror}") from error


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _decode(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
