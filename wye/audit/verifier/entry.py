"""Check one entry against its header: id, ciphertext and search tokens."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

HEX_HASH = re.compile(r"[0-9a-f]{64}")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEYS = ("body", "id", "key", "tokens", "v")
_TOKENS = hashlib.sha256(b"wye/audit-tokens/v1\x00")


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
    digest = _TOKENS.copy()
    digest.update(salt + staged_at.to_bytes(8, "big", signed=True))
    for field, token in tokens:
        name = field.encode()
        digest.update(bytes((len(name),)) + name + bytes((len(token),)) + token)
    return digest.hexdigest() == header.tokens
