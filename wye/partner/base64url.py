"""Write and read base64url without padding, strictly (RFC 7515 section 2; RFC 4648 section 5)."""

from base64 import b64decode, urlsafe_b64encode

from wye.errors import MessageRefused


def encode(raw: bytes) -> bytes:
    """Write bytes as base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=")


def decode(text: bytes) -> bytes:
    """Read base64url without padding; raises MessageRefused for any other spelling of the same bytes.

    A lenient reader would accept an altered text that happens to mean the same: what was altered must not open.
    """
    try:
        raw = b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise MessageRefused("the message is not base64url; send the compact form of RFC 7516") from error
    if encode(raw) != text:
        raise MessageRefused("the message is not in the one right spelling of base64url; send it without padding")
    return raw
