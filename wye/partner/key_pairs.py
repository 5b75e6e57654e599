"""Make, keep and exchange a party's key pairs: Ed25519 for signing, X25519 for key agreement (RFC 8037).

Private halves rest as PKCS #8 PEM files that only their owner may read; public halves travel as one small JSON
file, by a road on which both sides can be sure of it.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from wye.errors import EnvironmentFault, UsageError

SIGNING_FILE = "signing.pem"
ENCRYPTION_FILE = "encryption.pem"
PUBLIC_FILE = "partner.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class PublicParty:
    """Hold what others may know of a party: its name and the public halves of its keys."""

    name: str
    signing: OKPKey
    encryption: OKPKey

    def to_json(self) -> bytes:
        """Write the public halves as JSON Web Keys (RFC 7517)."""
        content = {
            "name": self.name,
            "signing": self.signing.as_dict(private=False),
            "encryption": self.encryption.as_dict(private=False),
        }
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


@dataclass(frozen=True, slots=True)
class Party:
    """Hold a party's own key pairs. Most sensitive class: the private keys themselves."""

    name: str
    signing: OKPKey
    encryption: OKPKey

    def public(self) -> PublicParty:
        """Give the public halves."""
        return PublicParty(self.name, _public(self.signing), _public(self.encryption))


def check_name(name: str) -> str:
    """Check a party's name: lower-case letters, digits and hyphens; raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"`{name}` is no name of a party; use up to 63 lower-case letters, digits and hyphens")
    return name


def make_party(home: Path, name: str) -> Party:
    """Make a party's key pairs in `home` and write the public halves beside them; never overwrites a key."""
    check_name(name)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    signing, encryption = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("X25519")
    for file, key in ((SIGNING_FILE, signing), (ENCRYPTION_FILE, encryption)):
        _write_private(home / file, key.as_pem(private=True))
    party = Party(name, signing, encryption)
    (home / PUBLIC_FILE).write_bytes(party.public().to_json())
    return party


def load_party(home: Path) -> Party:
    """Load the key pairs that `make_party` wrote; raises UsageError saying which file is missing or no key."""
    name = read_public(home / PUBLIC_FILE).name
    return Party(name, _read_private(home / SIGNING_FILE, "Ed25519"), _read_private(home / ENCRYPTION_FILE, "X25519"))


def read_public(path: Path) -> PublicParty:
    """Read another party's public file; raises UsageError saying what is wrong with it."""
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read; it should hold a party's public keys") from error
    except orjson.JSONDecodeError as error:
        raise UsageError(f"`{path}` is no JSON; ask its owner for a new one") from error
    return public_party(content, str(path))


def public_party(content: object, where: str) -> PublicParty:
    """Understand the content of a public file; raises UsageError naming `where`."""
    if not isinstance(content, Mapping) or set(content) != {"name", "signing", "encryption"}:
        raise UsageError(f"`{where}` must have exactly name, signing and encryption")
    name = content["name"]
    if not isinstance(name, str):
        raise UsageError(f"the name in `{where}` is no text")
    keys = []
    for part, curve in (("signing", "Ed25519"), ("encryption", "X25519")):
        try:
            key = OKPKey.import_key(content[part])
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise UsageError(f"`{part}` in `{where}` is no JSON Web Key; it should be {curve}") from error
        if key.curve_name != curve or key.is_private:
            raise UsageError(f"`{part}` in `{where}` must be a public {curve} key")
        keys.append(key)
    return PublicParty(check_name(name), keys[0], keys[1])


def _public(key: OKPKey) -> OKPKey:
    return OKPKey.import_key(key.as_dict(private=False))


def _write_private(path: Path, pem: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(f"`{path}` exists; a key is never overwritten: choose another folder") from error
    except OSError as error:
        raise EnvironmentFault(f"`{path}` cannot be written") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def _read_private(path: Path, curve: str) -> OKPKey:
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise UsageError(f"`{path}` can be read by others; run: chmod 600 {path}")
        key = OKPKey.import_key(path.read_bytes())
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read; make keys with init") from error
    except (JoseError, ValueError) as error:
        raise UsageError(f"`{path}` is no {curve} key in PKCS #8 PEM") from error
    if key.curve_name != curve or not key.is_private:
        raise UsageError(f"`{path}` must be a private {curve} key")
    return key
