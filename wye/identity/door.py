"""Name the door that an address is behind, so that two sources' words can be compared. Pure.

By the property's number (UPRN) where both have one; else by postcode and the numbers and first word of the lines, as
linking does (`homes` of features.py).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

NUMBER = re.compile(r"\d+[A-Z]?\b")
WORD = re.compile(r"[A-Z]{2,}")


@dataclass(frozen=True, slots=True)
class Door:
    """Hold what names a door; either may be missing. Most sensitive class: safe-address."""

    uprn: str | None
    home: str | None

    def same(self, other: "Door") -> bool:
        """Say whether two addresses are one door: different numbers of properties are different doors, whatever is written."""
        if self.uprn and other.uprn:
            return self.uprn == other.uprn
        return self.home is not None and self.home == other.home


def door_of(address: Mapping[str, object]) -> Door | None:
    """Name an address's door, or None if it names none."""
    uprn = str(address.get("uprn") or "").lstrip("0") or None
    home = _home(str(address.get("postcode") or ""), str(address.get("lines") or ""))
    return Door(uprn, home) if uprn or home else None


def is_home(address: Mapping[str, object], day: str) -> bool:
    """Say whether somebody lives there on a day (ISO text): a home or a placement that has begun and has not ended."""
    begins, ends = address.get("from_date"), address.get("to_date")
    if (begins and str(begins) > day) or (ends and str(ends) < day):
        return False
    return address.get("kind") in {None, "home", "placement", "temporary"}


def _home(postcode: str, lines: str) -> str | None:
    bare = re.sub(r"[^A-Z0-9]", "", postcode.upper())
    plain = "".join(c for c in unicodedata.normalize("NFKD", lines) if not unicodedata.combining(c)).upper()
    named = "-".join(NUMBER.findall(plain)) or next(iter(WORD.findall(plain)), "")
    return f"{bare}:{named}" if bare and named else None
