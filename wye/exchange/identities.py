"""Keep the hub's own key pairs and know its partners' public keys.

The hub's Ed25519 key signs session keys and, where an agreement asks, each message; its X25519 key is what partners
encrypt to. Partners are public files, one to a partner, in one folder: `<name>.json`.
"""

from pathlib import Path

from wye.errors import UsageError
from wye.partner.key_pairs import PUBLIC_FILE, Party, PublicParty, load_party, make_party, read_public

__all__ = ["Party", "PublicParty", "hub_party", "load_party", "make_party", "read_partner", "read_public"]


def hub_party(home: Path, name: str) -> Party:
    """Load the hub's key pairs from `home`, making them the first time; raises UsageError if they are another's."""
    party = load_party(home) if (home / PUBLIC_FILE).exists() else make_party(home, name)
    if party.name != name:
        raise UsageError(f"the keys in `{home}` belong to `{party.name}`, not to `{name}`; check WYE_COUNCIL")
    return party


def read_partner(folder: Path, name: str) -> PublicParty:
    """Read a partner's public keys; raises UsageError if they are missing or say another name."""
    path = folder / f"{name}.json"
    party = read_public(path)
    if party.name != name:
        raise UsageError(f"`{path}` holds the keys of `{party.name}`; it should be those of `{name}`")
    return party
