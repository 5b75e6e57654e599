"""Say what a key provider does: wrap the keys of values, derive MAC keys, and sign checkpoints."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class KeyProvider(Protocol):
    """Hold wrapping keys, a root and a signing key that never leave; a file on one machine, later a PKCS#11 token."""

    @property
    def current(self) -> str:
        """Name the wrapping key that new wraps are made under."""
        ...

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap a 32-byte key under the current wrapping key; it unwraps with the same context only."""
        ...

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap a key that `key_id` wrapped; raises EvidenceBroken if the key, the wrap or the context is not the one."""
        ...

    def mac_key(self, label: str) -> bytes:
        """Derive the 32-byte MAC key of a label (`audit-token/person`, `pseudonym/<partner>`), the same for ever."""
        ...

    def signing_key(self) -> Ed25519PrivateKey:
        """Give the key that signs the audit trail's checkpoints."""
        ...
