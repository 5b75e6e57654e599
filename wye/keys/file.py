"""Keep keys in one file on this machine: folder 0700, file 0600."""

import os
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wye.errors import EnvironmentFault, EvidenceBroken
from wye.keys import keyring
from wye.keys.closed import check_folder
from wye.keys.keyring import FILE, KEY_BYTES, Keyring

NONCE_BYTES = 12


class FileKeys:
    """Be the key provider of one machine. Make it with `FileKeys.open`."""

    __slots__ = ("_held", "_macs", "folder")

    def __init__(self, folder: Path, ring: Keyring) -> None:
        self.folder = folder
        self._macs: dict[str, bytes] = {}
        self._held = _with_ciphers(ring)

    def __repr__(self) -> str:
        return f"FileKeys(folder={self.folder!r}, current={self.current!r})"

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Read the keys of a folder, made at the first asking; of two processes that make them, both use the first's.

        Raises EnvironmentFault if they are missing and not to be made, unreadable, or open to other accounts.
        """
        if not os.path.lexists(folder):
            if not create:
                raise EnvironmentFault(f"no keys in `{folder}`; set WYE_HOME to the home that holds them")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_folder(folder)
        path = folder / FILE
        if not os.path.lexists(path):
            if not create:
                raise EnvironmentFault(f"no keys in `{folder}`; set WYE_HOME to the home that holds them")
            keyring.make(path)
        return cls(folder, keyring.read(path))

    @property
    def place(self) -> str:
        """Say where the keys are."""
        return f"file `{self.folder / FILE}`"

    @property
    def current(self) -> str:
        """Name the wrapping key that new wraps are made under."""
        return self._held[0].current

    @property
    def wrapping_keys(self) -> tuple[str, ...]:
        """Name every wrapping key, the current one among them."""
        return tuple(sorted(self._held[0].wrapping))

    def renew(self) -> None:
        """Read the file again: another process may have rotated."""
        self._held = _with_ciphers(keyring.read(self.folder / FILE))

    def rotate(self) -> str:
        """Add a new wrapping key and make it the current one."""
        path, name = self.folder / FILE, keyring.new_name()
        with keyring.changing(path):
            ring = keyring.read(path)
            added = {**ring.wrapping, name: os.urandom(KEY_BYTES)}
            keyring.replace(path, Keyring(name, added, ring.root, ring.signing))
        self.renew()
        return name

    def destroy(self, key_id: str) -> bool:
        """Take a wrapping key out of the file. What a disk or its backups keep of the old file is not in our hands."""
        path = self.folder / FILE
        with keyring.changing(path):
            ring = keyring.read(path)
            if key_id == ring.current:
                raise ValueError("the current wrapping key is not destroyed")
            left = {name: key for name, key in ring.wrapping.items() if name != key_id}
            if len(left) == len(ring.wrapping):
                return False
            keyring.replace(path, Keyring(ring.current, left, ring.root, ring.signing))
        self.renew()
        return True

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap by AES-256-GCM: nonce, then ciphertext and tag. Rotate long before 2^32 wraps (SP 800-38D section 8.3)."""
        ring, ciphers = self._held  # read once: another thread may renew
        nonce = os.urandom(NONCE_BYTES)
        return ring.current, nonce + ciphers[ring.current].encrypt(nonce, key, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap what `wrap` gave."""
        if key_id not in self._held[1]:
            self.renew()
        cipher = self._held[1].get(key_id)
        if cipher is None:
            raise EvidenceBroken(f"no wrapping key `{key_id}` in `{self.folder}`")
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise EvidenceBroken(f"a wrap under key `{key_id}` does not open: it was altered or moved") from None

    def mac_key(self, label: str) -> bytes:
        """Derive by HKDF-SHA-256 (RFC 5869) from the root."""
        if label not in self._macs:
            derive = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"wye/mac/v1/" + label.encode())
            self._macs[label] = derive.derive(self._held[0].root)
        return self._macs[label]

    def signing_key(self) -> Ed25519PrivateKey:
        """Give the Ed25519 key of the checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self._held[0].signing)


def _with_ciphers(ring: Keyring) -> tuple[Keyring, dict[str, AESGCM]]:
    return ring, {name: AESGCM(key) for name, key in ring.wrapping.items()}
