"""Open checkpoints: signed notes (C2SP signed-note, tlog-checkpoint), Ed25519 only."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
KEY_ID_BYTES = 4
HASH_BYTES = 32
NOTE_BYTES = 1_000_000
SIGNATURE = re.compile(r"\N{EM DASH} (?P<name>[^\s+]+) (?P<signature>\S+)")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
CHECKPOINT_LINES = 3


class BrokenNote(Exception):
    """Say why a note or verifier key is not one, or is not signed by the key."""


@dataclass(frozen=True, slots=True)
class Note:
    """Hold what a checkpoint signs: the log's name, its size and its root (32 bytes)."""

    origin: str
    size: int
    root: bytes


def open_note(text: str, verifier_key: str) -> Note:
    """Check the key's signature and read the checkpoint; signatures of other keys (witnesses) are passed over."""
    name, key_id, public = _read_verifier_key(verifier_key)
    if len(text.encode(errors="replace")) > NOTE_BYTES:
        raise BrokenNote("the note is longer than 1,000,000 bytes")
    if any(ord(letter) < ord(" ") and letter != "\n" for letter in text):
        raise BrokenNote("the note holds control characters")
    body, blank, signatures = text.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise BrokenNote("the note has no text, blank line and signature lines")
    signed = body + "\n"
    verified = False
    for line in signatures[:-1].split("\n"):
        match = SIGNATURE.fullmatch(line)
        if match is None:
            raise BrokenNote("a signature line is malformed")
        raw = _decode(match["signature"])
        if match["name"] == name and raw[:KEY_ID_BYTES] == key_id:
            try:
                public.verify(raw[KEY_ID_BYTES:], signed.encode())
            except InvalidSignature:
                raise BrokenNote(f"the signature of `{name}` does not verify") from None
            verified = True
    if not verified:
        raise BrokenNote(f"the note is not signed by `{name}` with the key given")
    return _read_checkpoint(signed, name)


def _read_checkpoint(text: str, name: str) -> Note:
    lines = text[:-1].split("\n")
    if len(lines) < CHECKPOINT_LINES or not all(lines):
        raise BrokenNote("a checkpoint has an origin, a size and a root, each on a line")
    origin, size, root = lines[:CHECKPOINT_LINES]
    if origin != name:
        raise BrokenNote(f"the checkpoint is of the log `{origin}`, the key is of `{name}`")
    if not SIZE.fullmatch(size):
        raise BrokenNote("the size is not a plain decimal number")
    decoded = _decode(root)
    if len(decoded) != HASH_BYTES:
        raise BrokenNote("the root is not 32 bytes")
    return Note(origin, int(size), decoded)


def _read_verifier_key(text: str) -> tuple[str, bytes, Ed25519PublicKey]:
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not parts[0] or any(letter.isspace() for letter in parts[0]):  # noqa: PLR2004  name, id, key
        raise BrokenNote("a verifier key is written `<name>+<8 hex digits>+<base64>`")
    name, shown_id, encoded = parts
    key = _decode(encoded)
    if len(key) != 1 + HASH_BYTES or key[0] != ED25519:
        raise BrokenNote("the verifier key is not an Ed25519 key")
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:KEY_ID_BYTES]
    if key_id.hex() != shown_id:
        raise BrokenNote("the verifier key's name, id and key do not belong together")
    return name, key_id, Ed25519PublicKey.from_public_bytes(key[1:])


def _decode(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenNote("base64 is malformed") from None
    if base64.b64encode(decoded).decode() != text:
        raise BrokenNote("base64 is not in its one canonical form")
    return decoded
