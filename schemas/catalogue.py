"""List the canonical entities, and what is known about each field."""

from dataclasses import dataclass
from types import MappingProxyType

from schemas.address import Address
from schemas.base import Canonical
from schemas.care_package import CarePackage
from schemas.classification import Classification, Use
from schemas.consent import Consent
from schemas.contact_event import ContactEvent
from schemas.contact_point import ContactPoint
from schemas.correction import Correction
from schemas.encounter import Encounter
from schemas.flag import Flag
from schemas.incident import Incident
from schemas.involvement import Involvement
from schemas.liability import Liability
from schemas.payment import Payment
from schemas.person import Person
from schemas.referral import Referral
from schemas.relationship import Relationship

ENTITIES: MappingProxyType[str, type[Canonical]] = MappingProxyType(
    {
        kind.entity: kind
        for kind in (
            Person, Address, ContactPoint, Relationship, Involvement, Referral, ContactEvent, Consent,
            CarePackage, Payment, Liability, Encounter, Incident, Flag, Correction,
        )
    }
)  # fmt: skip

TIES = frozenset({"subject"})
"""Fields that hold the tie to the person rather than a fact about them: no agreement names them."""


MARKS: MappingProxyType[str, str] = MappingProxyType({"nhs_number_status": "nhs_number"})
"""Fields of `person` that say how good another field of the same record is: never a fact of their own."""


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """Hold what the catalogue knows about one canonical field."""

    entity: str
    name: str
    description: str
    classification: Classification
    uses: frozenset[Use]


def _facts(entity: str, kind: type[Canonical]) -> dict[str, FieldFacts]:
    found: dict[str, FieldFacts] = {}
    for name, info in kind.model_fields.items():
        extra = info.json_schema_extra
        if not isinstance(extra, dict) or not info.description:
            raise TypeError(f"{entity}.{name} is not described and classified")
        uses = extra.get("uses", [])
        found[name] = FieldFacts(
            entity,
            name,
            info.description,
            Classification(str(extra["classification"])),
            frozenset(Use(str(use)) for use in uses) if isinstance(uses, list) else frozenset(),
        )
    return found


FIELDS: MappingProxyType[tuple[str, str], FieldFacts] = MappingProxyType(
    {
        (entity, name): facts
        for entity, kind in ENTITIES.items()
        for name, facts in _facts(entity, kind).items()
        if name not in TIES
    }
)
"""Every field that an agreement may name, by (entity, field)."""
