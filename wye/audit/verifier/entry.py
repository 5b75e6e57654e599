"""Check one entry against its header: id, ciphertext and search tokens."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

HEX_HASH = re.compile(r"[0-9a-f]{64}")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEYS = ("body", "id", "key", "tokens", "v")
SALT_BYTES = 16
TOKENS = b"wye/audit-tokens/v1\x00"


@dataclass(frozen=True, slots=True)
class Header:
    """Hold what a header says: the entry's id, and in hex the hashes of ciphertext, key and tokens."""

    id: str
    body: str
    key: str
    tokens: str


def read_header(header: bytes) -> Header:
    """Read a header of version 1; raises ValueError if it is anything else."""
    held = json.loads(header)
    if not isinstance(held, dict) or tuple(held) != KEYS or held["v"] != 1:
        raise ValueError("not a header of version 1")
    read = Header(held["id"], held["body"], held["key"], held["tokens"])
    if not (isinstance(read.id, str) and UUID_TEXT.fullmatch(read.id)):
        raise ValueError("the header's id is not a UUID")
    if not all(isinstance(each, str) and HEX_HASH.fullmatch(each) for each in (read.body, read.key, read.tokens)):
        raise ValueError("the header's hashes are not 64 hex digits")
    return read


def ciphertext_fits(header: Header, ciphertext: bytes) -> bool:
    """Say whether this is the ciphertext that the header commits to."""
    return hashlib.sha256(ciphertext).hexdigest() == header.body


def tokens_fit(header: Header, salt: bytes, staged_at: int, tokens: Sequence[tuple[str, bytes]]) -> bool:
    """Say whether these are the sorted tokens, and the staging time (Unix microseconds), that the header commits to."""
    return tokens_commitment(salt, staged_at, tokens) == header.tokens


def tokens_commitment(salt: bytes, staged_at: int, tokens: Sequence[tuple[str, bytes]]) -> str:
    """Commit to sorted tokens and the staging time (Unix microseconds, of 8 bytes), in hex."""
    said = b"".join([_name(field) + _framed(token) for field, token in tokens])
    return commitment(salt, staged_at.to_bytes(8, "big", signed=True), said)


def commitment(salt: bytes, staged_at: bytes, tokens: bytes) -> str:
    """Commit to tokens and the staging time (Unix microseconds, 8 bytes), in hex; each field and token is after its length.

    A salt of another length makes a commitment that fits nothing: it could hold the first of the tokens, then missed by none.
    """
    if len(salt) != SALT_BYTES:
        return ""
    return hashlib.sha256(TOKENS + salt + staged_at + tokens).hexdigest()


def usual_header(entry: str, ciphertext: bytes, tokens: str) -> bytes | None:
    """Write the header of an entry whose key's commitment is what its ciphertext begins with, as a hub writes it.

    None for tokens that have no commitment: no header is that one, not even one that commits to nothing.
    `tokens` is the commitment to them. A stored header that is this one says what `read_header`, `ciphertext_fits` and
    `tokens_fit` would find, at a tenth of their price; of one that is not, they tell whether anything is wrong.
    """
    if not tokens:
        return None
    body, key = hashlib.sha256(ciphertext).hexdigest(), ciphertext[:32].hex()
    return f'{{"body":"{body}","id":"{entry}","key":"{key:0<64}","tokens":"{tokens}","v":1}}'.encode()


@lru_cache(64)
def _name(field: str) -> bytes:
    return _framed(field.encode())


def _framed(part: bytes) -> bytes:
    length = len(part)
    return bytes((length if length < 256 else 255,)) + part  # noqa: PLR2004  half the time of min()
