"""Write checkpoints of the log as signed notes (C2SP tlog-checkpoint, signed-note; Ed25519)."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from wye.keys.provider import SigningKey

ED25519 = b"\x01"
"""The signature type of C2SP signed-note."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Say that the log held `size` entries with this root. `at` is ours and not signed: a note signs no time."""

    size: int
    root: bytes
    note: str
    at: datetime


def origin_of(council: str) -> str:
    """Name a council's log: the first line of its checkpoints, and the name of the key that signs them."""
    return f"{council}/audit"


def key_id(name: str, public: Ed25519PublicKey) -> bytes:
    """Give the 4 bytes that tell a signature's key: SHA-256(name || 0x0A || 0x01 || key), cut (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public.public_bytes_raw()).digest()[:4]


def verifier_key(name: str, public: Ed25519PublicKey) -> str:
    """Write the public key as a vkey: what anyone needs, beside the exported files, to verify the log."""
    encoded = base64.b64encode(ED25519 + public.public_bytes_raw()).decode()
    return f"{name}+{key_id(name, public).hex()}+{encoded}"


def sign(origin: str, size: int, root: bytes, at: datetime, key: SigningKey) -> Checkpoint:
    """Sign the log's size and root. Witnesses may add signature lines to the note later."""
    if not origin or "+" in origin or any(letter.isspace() for letter in origin):
        raise ValueError(f"`{origin}` cannot name a log: it must not be empty or hold spaces or plus signs")
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(key_id(origin, key.public_key()) + key.sign(text.encode())).decode()
    return Checkpoint(size, root, f"{text}\n\N{EM DASH} {origin} {signature}\n", at)
