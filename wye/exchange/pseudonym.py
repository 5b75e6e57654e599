"""Name a person to one partner, so that two partners cannot join what they were sent."""

import hmac
from uuid import UUID

KEY_BYTES = 32


def pseudonym(person: UUID, key: bytes) -> str:
    """Name the person under the partner's pseudonym key: HMAC-SHA-256 of the 16 bytes of the id, 64 hex digits."""
    if len(key) < KEY_BYTES:
        raise ValueError(f"a pseudonym key has at least {KEY_BYTES} bytes")
    return hmac.digest(key, person.bytes, "sha256").hex()
