"""Shorten a postcode to its outward half: some thousand households instead of some fifteen."""

import re
from datetime import date
from uuid import UUID

from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform

_POSTCODE = re.compile(r"(?P<outward>[A-Z]{1,2}[0-9][A-Z0-9]?) [0-9][A-Z]{2}")


def outward_postcode(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give the part before the space; raises ValueError for what is no full postcode, which may hide anything."""
    match = _POSTCODE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("not a postcode in capitals with one space")
    return match["outward"]


OUTWARD_POSTCODE = plain(
    Transform.OUTWARD_POSTCODE, "The first half of a postcode: some thousand households.", outward_postcode
)
