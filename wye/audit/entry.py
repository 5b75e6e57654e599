"""Build audit entries: pure, given keys. The leaf hashes the stored header bytes as they are, never written anew.

A header commits to the sealed body, to the body's key and to the search tokens, and holds nothing that two entries of
one person share: whoever reads only headers links nobody. Layout (JSON, sorted keys, no spaces):
`{"body": SHA-256 of the ciphertext, "id": UUIDv7, "key": key commitment, "tokens": salted commitment, "v": 1}`.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from wye.audit.event import Event, write_body
from wye.audit.merkle import leaf_hash
from wye.keys.provider import KeyProvider
from wye.keys.sealing import Sealed, seal

Field = Literal["person", "nhs-number", "actor", "recipient", "agreement", "message"]
FIELDS: tuple[Field, ...] = ("person", "nhs-number", "actor", "recipient", "agreement", "message")
SALT_BYTES = 16
TOKEN_BYTES = 16
BLOCK_BYTES = 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKENS = b"wye/audit-tokens/v1\x00"
_NAMES: dict[str, bytes] = {field: bytes((len(field),)) + field.encode() + bytes((TOKEN_BYTES,)) for field in FIELDS}
"""What stands before a token where it is committed to: its field after its length, and its own length."""
_INNER, _OUTER = (bytes(each ^ pad for each in range(256)) for pad in (0x36, 0x5C))
_MICROSECOND = timedelta(microseconds=1)

Token = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one entry ready to be stored."""

    id: UUID
    header: bytes
    sealed: Sealed
    salt: bytes
    tokens: Sequence[Token]
    leaf: bytes


class Tokens:
    """Turn search terms into tokens: HMAC-SHA256 under a key per field, cut to 128 bits (RFC 2104 section 5)."""

    def __init__(self, keys: KeyProvider) -> None:
        self._pads = {field: _pads(keys.mac_key(f"audit-token/{field}")) for field in FIELDS}
        self._made: dict[tuple[Field, str], bytes] = {}

    def token(self, field: Field, term: str) -> bytes:
        """Make the token of one term; equal terms of one field give equal tokens, of two fields never."""
        made = self._made.get((field, term))
        if made is None:
            inner, outer = self._pads[field]
            made = hashlib.sha256(outer + hashlib.sha256(inner + term.encode()).digest()).digest()[:TOKEN_BYTES]
            self._made[field, term] = made
        return made

    def of(self, event: Event) -> list[Token]:
        """Make the tokens by which an event can be found, sorted."""
        return sorted((field, self.token(field, term)) for field, term in terms(event))


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """Pad a key of at most 64 bytes once, as RFC 2104 section 4 advises: a third of what HMAC by OpenSSL's providers takes."""
    padded = key.ljust(BLOCK_BYTES, b"\0")
    return padded.translate(_INNER), padded.translate(_OUTER)


def terms(event: Event) -> Iterator[tuple[Field, str]]:
    """Give the fields and terms by which an event can be found."""
    yield "actor", event.actor
    if event.person is not None:
        yield "person", str(event.person)
    if event.nhs_number is not None:
        yield "nhs-number", event.nhs_number
    if event.recipient is not None:
        yield "recipient", event.recipient
    for agreement in dict.fromkeys((*([event.agreement] if event.agreement is not None else ()), *event.flows)):
        yield "agreement", agreement
    if event.message is not None:
        yield "message", str(event.message)


def build(keys: KeyProvider, tokens: Tokens, entry: UUID, event: Event, staged_at: datetime) -> Entry:
    """Seal an event for its person (for the entry itself if there is none) and write the header."""
    sealed = seal(keys, entry, event.person or entry, write_body(event))
    salt = os.urandom(SALT_BYTES)
    found = tokens.of(event)
    body, commitment = hashlib.sha256(sealed.ciphertext).hexdigest(), commit_to_tokens(salt, staged_at, found).hex()
    key = sealed.commitment.hex()
    header = f'{{"body":"{body}","id":"{entry}","key":"{key}","tokens":"{commitment}","v":1}}'.encode()
    return Entry(entry, header, sealed, salt, found, leaf_hash(header))


def commit_to_tokens(salt: bytes, staged_at: datetime, tokens: Sequence[Token]) -> bytes:
    """Commit to the sorted tokens and the time of staging, hidden by the salt: what search relies on."""
    said = [_TOKENS, salt, ((staged_at - EPOCH) // _MICROSECOND).to_bytes(8)]
    for field, token in tokens:
        said += (_NAMES[field], token)
    return hashlib.sha256(b"".join(said)).digest()
