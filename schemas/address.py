"""Describe where a person lives or gets post."""

from typing import ClassVar

from schemas.base import Canonical, Day, described
from schemas.classification import Classification as C
from schemas.classification import Use


class Address(Canonical):
    """Be one address of a person for a time (BS7666; UK Core AddressKey; POLE L_001)."""

    entity: ClassVar[str] = "address"

    kind: str | None = described("What it is to the person: home, correspondence, temporary or placement.", C.PERSONAL)
    lines: str | None = described("House, street and locality on one line, with commas between.", C.SAFE_ADDRESS)
    town: str | None = described("Post town.", C.SAFE_ADDRESS)
    postcode: str | None = described("Postcode in capitals with one space.", C.SAFE_ADDRESS)
    uprn: str | None = described("Unique Property Reference Number, without leading zeros.", C.IDENTIFIER, Use.ANY)
    from_date: Day | None = described("First day at the address.", C.PERSONAL)
    to_date: Day | None = described("Last day at the address; empty while it lasts.", C.PERSONAL)
