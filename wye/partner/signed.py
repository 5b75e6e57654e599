"""Sign and verify what a party says: compact JWS with Ed25519 (RFC 7515, RFC 9864), one `typ` for each use.

The `typ` keeps a signature made for one use from being shown for another (RFC 8725 section 3.11).
"""

from collections.abc import Mapping
from typing import Literal

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from wye.errors import MessageRefused

Use = Literal["wye-key+jws", "wye-message+jws", "wye-inbound+jws", "wye-receipt+jws"]
_ALGORITHMS = ("Ed25519",)


def sign(payload: bytes, use: Use, key: OKPKey) -> str:
    """Sign bytes for one use, as compact JWS."""
    return jws.serialize_compact({"alg": "Ed25519", "typ": use}, payload, key, algorithms=_ALGORITHMS)


def verify(text: str | bytes, use: Use, key: OKPKey) -> bytes:
    """Verify a compact JWS and give its payload; raises MessageRefused."""
    try:
        found = jws.deserialize_compact(text, key, algorithms=_ALGORITHMS)
    except (JoseError, ValueError) as error:
        raise MessageRefused("the signature does not verify; only the sender's Ed25519 key may sign") from error
    if found.headers().get("typ") != use:
        raise MessageRefused(f"the signature was made for another use; its typ must be {use}")
    return found.payload


def json_object(raw: bytes) -> Mapping[str, object]:
    """Parse a JSON object; raises MessageRefused."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        # The parser's error carries the whole text: it is not chained.
        raise MessageRefused("the opened message is no JSON") from None
    if not isinstance(value, dict):
        raise MessageRefused("the opened message is no JSON object")
    return value


def text_of(content: Mapping[str, object], name: str) -> str:
    """Give a text member of a JSON object; raises MessageRefused naming it."""
    value = content.get(name)
    if not isinstance(value, str):
        raise MessageRefused(f"`{name}` in the opened message is missing or no text")
    return value
