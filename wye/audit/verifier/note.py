"""Open checkpoints: signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature), Ed25519 only."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4
"""Signature types: a log's own, and a witness's with its time."""
TIME_BYTES = 8
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
    name, expected, public = _read_verifier_key(verifier_key, ED25519)
    signed, signatures = split_note(text)
    verified = False
    for signer, raw in signatures:
        if signer == name and raw[:KEY_ID_BYTES] == expected:
            _verify(public, raw[KEY_ID_BYTES:], signed.encode(), name)
            verified = True
    if not verified:
        raise BrokenNote(f"the note is not signed by `{name}` with the key given")
    return _read_checkpoint(signed, name)


def cosigned_at(text: str, witness_key: str) -> int:
    """Check a witness's cosignature on a checkpoint; gives its time, in Unix seconds. Raises BrokenNote if it has none.

    What it says: at that time this was the largest log of that name that the witness had seen, and it had grown from
    every one that the witness saw before.
    """
    name, expected, public = _read_verifier_key(witness_key, COSIGNATURE)
    signed, signatures = split_note(text)
    times: list[int] = []
    for signer, raw in signatures:
        if signer == name and raw[:KEY_ID_BYTES] == expected:
            timestamp = int.from_bytes(raw[KEY_ID_BYTES : KEY_ID_BYTES + TIME_BYTES], "big")
            _verify(public, raw[KEY_ID_BYTES + TIME_BYTES :], cosigned_bytes(signed, timestamp), name)
            times.append(timestamp)
    if not times:
        raise BrokenNote(f"the note is not cosigned by `{name}` with the key given")
    return max(times)


def cosigned_bytes(signed: str, timestamp: int) -> bytes:
    """Write what a witness signs: `cosignature/v1`, the time, and the whole text of the note."""
    return f"cosignature/v1\ntime {timestamp}\n{signed}".encode()


def split_note(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Split a note into what is signed and its signatures (name, key id and signature); raises BrokenNote."""
    if len(text.encode(errors="replace")) > NOTE_BYTES:
        raise BrokenNote("the note is longer than 1,000,000 bytes")
    if any(ord(letter) < ord(" ") and letter != "\n" for letter in text):
        raise BrokenNote("the note holds control characters")
    body, blank, lines = text.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise BrokenNote("the note has no text, blank line and signature lines")
    signatures: list[tuple[str, bytes]] = []
    for line in lines[:-1].split("\n"):
        match = SIGNATURE.fullmatch(line)
        if match is None:
            raise BrokenNote("a signature line is malformed")
        signatures.append((match["name"], decode(match["signature"])))
    return body + "\n", signatures


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Give the 4 bytes that tell a signature's key: SHA-256(name || 0x0A || type || key), cut."""
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + public).digest()[:KEY_ID_BYTES]


def _verify(public: Ed25519PublicKey, signature: bytes, signed: bytes, name: str) -> None:
    try:
        public.verify(signature, signed)
    except InvalidSignature:
        raise BrokenNote(f"the signature of `{name}` does not verify") from None


def _read_checkpoint(text: str, name: str) -> Note:
    lines = text[:-1].split("\n")
    if len(lines) < CHECKPOINT_LINES or not all(lines):
        raise BrokenNote("a checkpoint has an origin, a size and a root, each on a line")
    origin, size, root = lines[:CHECKPOINT_LINES]
    if origin != name:
        raise BrokenNote(f"the checkpoint is of the log `{origin}`, the key is of `{name}`")
    if not SIZE.fullmatch(size):
        raise BrokenNote("the size is not a plain decimal number")
    decoded = decode(root)
    if len(decoded) != HASH_BYTES:
        raise BrokenNote("the root is not 32 bytes")
    return Note(origin, int(size), decoded)


def _read_verifier_key(text: str, kind: int) -> tuple[str, bytes, Ed25519PublicKey]:
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not parts[0] or any(letter.isspace() for letter in parts[0]):  # noqa: PLR2004  name, id, key
        raise BrokenNote("a verifier key is written `<name>+<8 hex digits>+<base64>`")
    name, shown_id, encoded = parts
    key = decode(encoded)
    if len(key) != 1 + HASH_BYTES or key[0] != kind:
        of = "an Ed25519 key of a log" if kind == ED25519 else "an Ed25519 key of a witness"
        raise BrokenNote(f"the verifier key is not {of}")
    found = key_id(name, kind, key[1:])
    if found.hex() != shown_id:
        raise BrokenNote("the verifier key's name, id and key do not belong together")
    return name, found, Ed25519PublicKey.from_public_bytes(key[1:])


def decode(text: str) -> bytes:
    """Read base64 in its one canonical form; raises BrokenNote for any other."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenNote("base64 is malformed") from None
    if base64.b64encode(decoded).decode() != text:
        raise BrokenNote("base64 is not in its one canonical form")
    return decoded
