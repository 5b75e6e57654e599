"""Cosign checkpoints with a witness's own Ed25519 key (C2SP tlog-cosignature, cosignature/v1)."""

import base64
import os
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..verifier.note import COSIGNATURE, TIME_BYTES, cosigned_bytes, key_id

FILE = "witness.key"
KEY_BYTES = 32


class Cosigner:
    """Hold a witness's name and key."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        if not name or "+" in name or any(letter.isspace() for letter in name):
            raise ValueError(f"`{name}` cannot name a witness: it must not be empty or hold spaces or plus signs")
        self.name = name
        self._key = key

    @property
    def verifier_key(self) -> str:
        """Write the public key as a vkey: what a log needs to know this witness by."""
        public = self._key.public_key().public_bytes_raw()
        encoded = base64.b64encode(bytes((COSIGNATURE,)) + public).decode()
        return f"{self.name}+{key_id(self.name, COSIGNATURE, public).hex()}+{encoded}"

    def cosign(self, signed: str, timestamp: int) -> str:
        """Cosign the text of a checkpoint at a time in Unix seconds; gives the signature line."""
        public = self._key.public_key().public_bytes_raw()
        signature = self._key.sign(cosigned_bytes(signed, timestamp))
        raw = key_id(self.name, COSIGNATURE, public) + timestamp.to_bytes(TIME_BYTES, "big") + signature
        return f"\N{EM DASH} {self.name} {base64.b64encode(raw).decode()}\n"

    @classmethod
    def make(cls, folder: Path, name: str) -> Self:
        """Make a new key in a folder, mode 0600; raises FileExistsError if there is one."""
        made = cls(name, Ed25519PrivateKey.generate())
        handle = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{name}\n{base64.b64encode(made._key.private_bytes_raw()).decode()}\n")
            file.flush()
            os.fsync(file.fileno())
        return made

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the key of a folder; raises ValueError if it is not whole or others may read it."""
        path = folder / FILE
        if path.stat().st_mode & 0o077:
            raise ValueError(f"`{path}` may be read by others; its mode must be 0600")
        try:
            name, encoded = path.read_text(encoding="ascii").splitlines()
            return cls(name, Ed25519PrivateKey.from_private_bytes(base64.b64decode(encoded, validate=True)))
        except (ValueError, UnicodeDecodeError):
            raise ValueError(f"`{path}` is not a witness's key") from None
