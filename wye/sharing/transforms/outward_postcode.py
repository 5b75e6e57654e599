"""Shorten a postcode to its outward half: some thousand households instead of some fifteen."""

import re

_POSTCODE = re.compile(r"(?P<outward>[A-Z]{1,2}[0-9][A-Z0-9]?) [0-9][A-Z]{2}")


def outward_postcode(value: object) -> object:
    """Give the part before the space; raises ValueError for what is no full postcode, which may hide anything."""
    match = _POSTCODE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("not a postcode in capitals with one space")
    return match["outward"]
