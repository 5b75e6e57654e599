"""Open what the hub sends: messages of a feed and the session keys that they are under. Pure.

A message is a compact JWE (`dir`, A256GCM: RFC 7516, RFC 7518 section 4.5) under a session key of the feed. The
plaintext repeats the CloudEvents attributes, so that a broker which swaps the headers of two messages is found out.
A session key comes as JWS by the hub inside ECDH-ES+A256KW JWE to the partner, and its name is its RFC 7638
thumbprint: AES-GCM by itself does not commit to its key, so the name does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from wye.errors import MessageRefused
from wye.partner import base64url
from wye.partner.attributes import Attributes, check_same, read_attributes
from wye.partner.signed import json_object, text_of, verify
from wye.vocabulary import MessageKind

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SIGNED_CONTENT = "JOSE"
"""The protected header's `cty` when a JWS by the hub lies inside (RFC 7516 section 4.1.12)."""
KEY_WRAPPING = ("ECDH-ES+A256KW", "A256GCM")
_PARTS = 5


@dataclass(frozen=True, slots=True)
class FeedMessage:
    """Hold one opened message of a feed. Most sensitive class: whatever the agreement releases."""

    attributes: Attributes
    leaf: str
    """The audit leaf hash, hex: what the hub's signed checkpoint covers."""
    media_type: str
    body: bytes
    signed: bool
    checkpoint: str = ""
    """The hub's newest checkpoint as it sent this, a C2SP signed note: one message of a batch brings it."""


@dataclass(frozen=True, slots=True)
class SessionKey:
    """Hold a feed's session key as the hub handed it over: 32 raw bytes."""

    kid: str
    key: bytes
    agreement: str
    not_before: datetime


def thumbprint(key: bytes) -> str:
    """Name a session key by its RFC 7638 thumbprint; safe to show, for the key has 256 random bits."""
    text = b'{"k":"' + base64url.encode(key) + b'","kty":"oct"}'
    return base64url.encode(sha256(text).digest()).decode()


def body_hash(body: bytes) -> str:
    """Hash a shaped body: SHA-256, hex. What a receipt names."""
    return sha256(body).hexdigest()


def split_compact(compact: bytes) -> tuple[bytes, Mapping[str, object], bytes, bytes]:
    """Split a direct compact JWE into protected header as sent and as read, nonce, and ciphertext with tag."""
    parts = compact.split(b".")
    if len(parts) != _PARTS or parts[1]:
        raise MessageRefused("the message is no compact JWE with direct encryption (five parts, the second empty)")
    nonce, ciphertext, tag = (base64url.decode(part) for part in parts[2:])
    if len(nonce) != NONCE_BYTES or len(tag) != TAG_BYTES:
        raise MessageRefused("the nonce must have 96 bits and the tag 128")
    return parts[0], json_object(base64url.decode(parts[0])), nonce, ciphertext + tag


def open_message(
    compact: bytes,
    headers: Mapping[str, object] | None,
    keys: Mapping[str, bytes],
    *,
    agreement: str,
    hub_signing: OKPKey,
    signature_required: bool = False,
) -> FeedMessage:
    """Open one message of the feed `agreement` with the session keys held; raises MessageRefused.

    Refuses a key that was never handed over, an altered byte, headers that are not those of the plaintext, and a
    missing or foreign signature where the agreement asks for one.
    """
    attributes = read_attributes(headers)
    sent, protected, nonce, sealed = split_compact(compact)
    kid = protected.get("kid")
    if set(protected) - {"cty"} != {"alg", "enc", "kid"} or (protected["alg"], protected["enc"]) != ("dir", "A256GCM"):
        raise MessageRefused("the protected header must be alg dir, enc A256GCM and kid")
    if not isinstance(kid, str) or kid not in keys:
        raise MessageRefused("the message is under a session key that was not handed over; wait for a message `key`")
    try:
        plaintext = AESGCM(keys[kid]).decrypt(nonce, sealed, sent)
    except InvalidTag as error:
        raise MessageRefused("the message does not open: it was altered, or made under another key") from error
    signed = protected.get("cty") == SIGNED_CONTENT
    if signature_required and not signed:
        raise MessageRefused("the message carries no signature of the hub; this agreement asks for one on each")
    if signed:
        plaintext = verify(plaintext, "wye-message+jws", hub_signing)
    content = json_object(plaintext)
    check_same(attributes, content, agreement)
    if attributes.kind is MessageKind.KEY:
        raise MessageRefused("a message `key` must be encrypted to the partner's own key, not under a session key")
    body = text_of(content, "body").encode()
    checkpoint = content.get("checkpoint", "")
    if not isinstance(checkpoint, str):
        raise MessageRefused("`checkpoint` is no text")
    return FeedMessage(attributes, text_of(content, "leaf"), text_of(content, "media_type"), body, signed, checkpoint)


def open_key_message(
    compact: bytes,
    headers: Mapping[str, object] | None,
    own_encryption: OKPKey,
    hub_signing: OKPKey,
    *,
    agreement: str,
    recipient: str,
) -> SessionKey:
    """Open a message of kind `key`; raises MessageRefused unless the hub signed it for this feed and partner."""
    attributes = read_attributes(headers)
    content = json_object(verify(decrypt_for(compact, own_encryption), "wye-key+jws", hub_signing))
    if text_of(content, "agreement") != agreement or attributes.agreement != agreement:
        raise MessageRefused(f"the session key is for another agreement than `{agreement}`")
    if text_of(content, "recipient") != recipient:
        raise MessageRefused(f"the session key is for another partner than `{recipient}`")
    kid, key = text_of(content, "kid"), base64url.decode(text_of(content, "k").encode())
    if len(key) != KEY_BYTES or thumbprint(key) != kid:
        raise MessageRefused("the session key is not the one that its name commits to (RFC 7638)")
    try:
        not_before = datetime.fromisoformat(text_of(content, "not_before")).astimezone(UTC)
    except ValueError as error:
        raise MessageRefused("`not_before` of the session key is no time") from error
    return SessionKey(kid, key, agreement, not_before)


def encrypt_to(payload: str, recipient: OKPKey) -> bytes:
    """Encrypt a JWS to a party's X25519 key: ECDH-ES+A256KW, A256GCM, compact."""
    algorithm, encryption = KEY_WRAPPING
    protected = {"alg": algorithm, "enc": encryption, "cty": SIGNED_CONTENT, "kid": recipient.thumbprint()}
    return jwe.encrypt_compact(protected, payload, recipient, algorithms=KEY_WRAPPING).encode()


def decrypt_for(compact: bytes, own: OKPKey) -> bytes:
    """Decrypt what was encrypted to our X25519 key; raises MessageRefused."""
    try:
        plaintext = jwe.decrypt_compact(compact, own, algorithms=KEY_WRAPPING).plaintext
    except (JoseError, InvalidTag, ValueError, TypeError, KeyError) as error:
        raise MessageRefused("the message does not open with our key: altered, or meant for another") from error
    if plaintext is None:
        raise MessageRefused("the message is empty")
    return plaintext


def write_content(attributes: Attributes, leaf: str, media_type: str, body: bytes, checkpoint: str = "") -> bytes:
    """Write the plaintext: the attributes again, the leaf, and the body as text, with a checkpoint if it brings one.

    Raises MessageRefused if the body is not UTF-8.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise MessageRefused(f"the body of message `{attributes.id}` is not UTF-8; shape it as text") from None
    brought = {"checkpoint": checkpoint} if checkpoint else {}
    return orjson.dumps(attributes.content() | {"leaf": leaf, "media_type": media_type, "body": text} | brought)
