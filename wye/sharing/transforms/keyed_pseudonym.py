"""Put another name in the place of a number: the same one each time under one agreement, another under each other.

The recipient can count and join what it got under this agreement. Without the key nobody can say whose number it is,
try numbers until one fits, or join what two agreements sent. Still personal data (UK GDPR Article 4(5)).
"""

import hmac
from datetime import date
from uuid import UUID

from wye.sharing.transforms.transform import keyed
from wye.vocabulary import Transform


def keyed_pseudonym(key: bytes, value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give HMAC-SHA-256 (RFC 2104) of the text, 64 hex digits; raises ValueError for what is no text, or empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("not a text")
    return hmac.digest(key, b"pseudonym\0" + value.strip().encode(), "sha256").hex()


KEYED_PSEUDONYM = keyed(
    Transform.KEYED_PSEUDONYM,
    "A name of 64 hex digits in the place of a number (HMAC-SHA-256 under a key of the agreement's own): the same one"
    " each time, another under each other agreement.",
    keyed_pseudonym,
)
