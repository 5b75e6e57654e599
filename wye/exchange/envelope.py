"""Seal what leaves for a partner and open what a partner sends. Pure; the format is in wye/partner.

The compact JWE is written by hand over AES-GCM: joserfc does ten thousand messages a second and this over a hundred
thousand. The tests let joserfc open ours and let us open its.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import OKPKey

from wye.errors import MessageRefused
from wye.partner import base64url
from wye.partner.attributes import Attributes, check_same, read_attributes
from wye.partner.envelope_reader import (
    NONCE_BYTES,
    SIGNED_CONTENT,
    TAG_BYTES,
    body_hash,
    decrypt_for,
    encrypt_to,
    thumbprint,
    write_content,
)
from wye.partner.key_pairs import Party, PublicParty
from wye.partner.signed import json_object, sign, text_of, verify

__all__ = ["InboundMessage", "MessageSealer", "body_hash", "open_inbound", "seal_key"]


@dataclass(frozen=True, slots=True)
class MessageSealer:
    """Seal messages under one session key. `signing` is the hub's key where the agreement asks for signatures."""

    key: bytes = field(repr=False)
    signing: OKPKey | None = None
    kid: str = field(init=False)
    _cipher: AESGCM = field(init=False, repr=False)
    _protected: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        kid = thumbprint(self.key)
        protected = {"alg": "dir", "enc": "A256GCM", "kid": kid}
        if self.signing is not None:
            protected["cty"] = SIGNED_CONTENT
        object.__setattr__(self, "kid", kid)
        object.__setattr__(self, "_cipher", AESGCM(self.key))
        object.__setattr__(self, "_protected", base64url.encode(orjson.dumps(protected)))

    def seal(self, attributes: Attributes, leaf: bytes, media_type: str, body: bytes, checkpoint: str = "") -> bytes:
        """Seal one shaped body (UTF-8) with its audit leaf hash; a random 96-bit nonce each time."""
        content = write_content(attributes, leaf.hex(), media_type, body, checkpoint)
        if self.signing is not None:
            content = sign(content, "wye-message+jws", self.signing).encode()
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, content, self._protected)
        return b".".join(
            (
                self._protected,
                b"",
                base64url.encode(nonce),
                base64url.encode(sealed[:-TAG_BYTES]),
                base64url.encode(sealed[-TAG_BYTES:]),
            )
        )


def seal_key(key: bytes, agreement: str, not_before: datetime, hub: Party, partner: PublicParty) -> bytes:
    """Seal a session key to the partner, signed by the hub: the body of a message of kind `key`."""
    content = {
        "kid": thumbprint(key),
        "k": base64url.encode(key).decode(),
        "agreement": agreement,
        "recipient": partner.name,
        "not_before": not_before.astimezone(UTC).isoformat(),
    }
    return encrypt_to(sign(orjson.dumps(content), "wye-key+jws", hub.signing), partner.encryption)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """Hold one opened message of a partner. Most sensitive class: whatever the agreement's inbound half brings."""

    id: UUID
    partner: str
    agreement: str
    version: str
    subject: str | None
    time: datetime
    media_type: str
    body: bytes


def open_inbound(
    compact: bytes, headers: Mapping[str, object] | None, hub: Party, partner: PublicParty, *, agreement: str
) -> InboundMessage:
    """Open a partner's message; raises MessageRefused unless this partner signed it to us under this agreement."""
    attributes = read_attributes(headers)
    content = json_object(verify(decrypt_for(compact, hub.encryption), "wye-inbound+jws", partner.signing))
    check_same(attributes, content, agreement)
    if text_of(content, "recipient") != hub.name:
        raise MessageRefused(f"the message is for another recipient than `{hub.name}`")
    return InboundMessage(
        attributes.id,
        partner.name,
        agreement,
        attributes.version,
        attributes.subject or None,
        datetime.fromisoformat(attributes.time).astimezone(UTC),
        text_of(content, "media_type"),
        text_of(content, "body").encode(),
    )
