"""Seal single values, each under a random key of its own that is wrapped for a holder: pure, given a provider.

AES-256-GCM alone does not commit to its key: one ciphertext can be made to open under two keys. A sealed value
therefore begins with a commitment to its key, and opens under that key only.

A sealed value is: commitment (32 bytes), nonce (12), ciphertext and tag. Most sensitive class: whatever is sealed.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wye.errors import EvidenceBroken
from wye.keys.provider import KeyProvider

KEY_BYTES = 32
COMMITMENT_BYTES = 32
NONCE_BYTES = 12
_COMMITMENT = b"wye/key-commitment/v1\x00"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Hold one sealed value with the wrap of its key. INVARIANT: a key seals one value, once."""

    value: UUID
    holder: UUID
    ciphertext: bytes
    commitment: bytes
    provider_key: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Wrap:
    """Hold one wrap of a value's key, as it is stored."""

    holder: UUID
    provider_key: str
    wrapped: bytes


def seal(provider: KeyProvider, value: UUID, holder: UUID, plaintext: bytes) -> Sealed:
    """Seal one value for its holder; value and holder are bound, so nothing can be put in another's place."""
    # One call to the system's generator gives the key and the nonce.
    random = os.urandom(KEY_BYTES + NONCE_BYTES)
    key, nonce = random[:KEY_BYTES], random[KEY_BYTES:]
    commitment = commit(key)
    ciphertext = commitment + nonce + AESGCM(key).encrypt(nonce, plaintext, value.bytes)
    provider_key, wrapped = provider.wrap(key, value.bytes + holder.bytes)
    return Sealed(value, holder, ciphertext, commitment, provider_key, wrapped)


def seal_many(provider: KeyProvider, values: Iterable[tuple[UUID, UUID, bytes]]) -> list[Sealed]:
    """Seal (value, holder, plaintext) each under a key of its own, in order."""
    return [seal(provider, value, holder, plaintext) for value, holder, plaintext in values]


def unseal(provider: KeyProvider, value: UUID, ciphertext: bytes, wrap: Wrap) -> bytes:
    """Open a sealed value; raises EvidenceBroken naming the value if any part is not the one that was sealed."""
    key = provider.unwrap(wrap.provider_key, wrap.wrapped, value.bytes + wrap.holder.bytes)
    if not compare_digest(commit(key), ciphertext[:COMMITMENT_BYTES]):
        raise EvidenceBroken(f"value `{value}` is not sealed under its key: the value or its wrap was replaced")
    nonce = ciphertext[COMMITMENT_BYTES : COMMITMENT_BYTES + NONCE_BYTES]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext[COMMITMENT_BYTES + NONCE_BYTES :], value.bytes)
    except (InvalidTag, ValueError):
        raise EvidenceBroken(f"value `{value}` does not open: it was altered") from None


def commit(key: bytes) -> bytes:
    """Commit to a key without telling it: SHA-256 of a label and the key."""
    return hashlib.sha256(_COMMITMENT + key).digest()
