"""Say which sources' identifiers are match keys: those whose field of work the catalogue lets use the identifier.

An NHS number is for health and adult care (law.md section 4; schemas/person.py). One that the police or a housing
office noted may be right, but they may not use it, so it ties nobody to anybody. A source that is not listed in
match_keys.yaml may use no identifier.
"""

from functools import cache
from pathlib import Path

import yaml

from schemas.catalogue import FIELDS
from schemas.classification import Use


@cache
def works() -> dict[str, frozenset[Use]]:
    """Read each source's fields of work."""
    found: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "match_keys.yaml").read_text())
    return {source: frozenset(Use(use) for use in uses) for source, uses in found.items()}


@cache
def tellers(identifier: str) -> tuple[str, ...]:
    """List the sources whose word on this identifier of a person is a match key."""
    allowed = FIELDS["person", identifier].uses
    return tuple(sorted(source for source, uses in works().items() if Use.ANY in allowed or uses & allowed))
