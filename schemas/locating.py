"""List the fields that tell, or help to tell, where somebody can be found: what a safe-address flag keeps back.

A field of the class safe-address says so itself; of free text nobody knows what stands in it. The rest is this table: what
derives from an address, or leads to a door. docs/protected-people.md tells it to readers, and what the model does not hold.
"""

from collections.abc import Iterator
from types import MappingProxyType

from schemas.catalogue import FIELDS
from schemas.classification import Classification

HOME = "it is an address, or when somebody lives there"
REACHED = "a telephone number or mailbox leads to a door"
KEPT_SAFE = "it is of the class safe-address"
UNREAD = "nobody knows what stands in free text"
CARE_NEARBY = "a care home's name is an address, and other providers work near those they care for"
TREATED = "it is the place where somebody is, or one near their home"
NEARBY_TEAM = "teams are called after the neighbourhood or the building that they work in"
PROPERTY = "the number of a council tax account or benefit claim belongs to a property"

WHOLE: MappingProxyType[str, str] = MappingProxyType({"address": HOME, "contact_point": REACHED})
"""Entities every field of which locates, those that are still to come included."""

DERIVED: MappingProxyType[tuple[str, str], str] = MappingProxyType(
    {
        ("care_package", "provider"): CARE_NEARBY,
        ("care_package", "provider_reference"): CARE_NEARBY,
        ("encounter", "organisation"): TREATED,
        ("encounter", "ward"): TREATED,
        ("involvement", "team"): NEARBY_TEAM,
        ("liability", "account"): PROPERTY,
    }
)
"""Fields of other entities and classes that derive from where somebody lives."""

CLASSES: MappingProxyType[Classification, str] = MappingProxyType(
    {Classification.SAFE_ADDRESS: KEPT_SAFE, Classification.FREE_TEXT: UNREAD}
)
"""Classes every field of which locates."""


def locates(entity: str, field: str) -> str | None:
    """Say why a field locates, or None if it does not. A field that the model does not have locates: nobody knows."""
    if entity in WHOLE:
        return WHOLE[entity]
    facts = FIELDS.get((entity, field))
    if facts is None:
        return "the model does not know it"
    return DERIVED.get((entity, field)) or CLASSES.get(facts.classification)


def locating() -> Iterator[tuple[str, str, str]]:
    """List every field that locates: entity, field, why; in the order of the catalogue."""
    for entity, field in FIELDS:
        why = locates(entity, field)
        if why is not None:
            yield entity, field, why
