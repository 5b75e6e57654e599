"""Say what a key provider does: wrap the keys of values, derive MAC keys, and sign checkpoints."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class SigningKey(Protocol):
    """Sign with an Ed25519 key that may be out of reach; `Ed25519PrivateKey` is one."""

    def sign(self, data: bytes, /) -> bytes:
        """Sign (RFC 8032, Ed25519): 64 bytes."""
        ...

    def public_key(self) -> Ed25519PublicKey:
        """Give the public half."""
        ...


class KeyProvider(Protocol):
    """Hold wrapping keys, a root and a signing key that never leave: in a file on one machine, or in a PKCS#11 token.

    One contract test runs on every provider. A provider may be shared by threads, and never by a forked process.
    """

    @property
    def place(self) -> str:
        """Say where the keys are, in a few words for people."""
        ...

    @property
    def current(self) -> str:
        """Name the wrapping key that new wraps are made under."""
        ...

    @property
    def wrapping_keys(self) -> tuple[str, ...]:
        """Name every wrapping key, the current one among them."""
        ...

    def renew(self) -> None:
        """Notice wrapping keys that another process made or destroyed."""
        ...

    def rotate(self) -> str:
        """Make a new wrapping key, the current one from now on, and name it; the older ones go on unwrapping."""
        ...

    def destroy(self, key_id: str) -> bool:
        """Destroy a wrapping key for ever; False if it is not there. Raises ValueError for the current one."""
        ...

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap a 32-byte key under the current wrapping key; gives that key's name and the wrap.

        It unwraps with the same context only. The name comes with it, because another thread may notice a rotation
        between asking for the name and wrapping.
        """
        ...

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap a key that `key_id` wrapped; raises EvidenceBroken if the key, the wrap or the context is not the one."""
        ...

    def mac_key(self, label: str) -> bytes:
        """Derive the 32-byte MAC key of a label (`audit-token/person`, `pseudonym/<partner>`), the same for ever."""
        ...

    def signing_key(self) -> SigningKey:
        """Give the key that signs the audit trail's checkpoints."""
        ...
