"""Say which Dataverse table each stream reads, and which of its columns: no other is ever asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LOOKUP = "@Microsoft.Dynamics.CRM.lookuplogicalname"
"""The annotation that says which table a lookup points at; without it a customer may be a person or a company."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Hold one stream's table: the name of its set in URLs is the stream's name."""

    logical_name: str
    key: str
    select: tuple[str, ...]
    annotated: tuple[str, ...] = ()
    """Lookups whose target table differs from row to row: kept with their annotation."""


ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        "contacts": Entity(
            "contact",
            "contactid",
            (
                "contactid", "firstname", "middlename", "lastname", "salutation", "birthdate", "gendercode",
                "emailaddress1", "mobilephone", "telephone1", "address1_line1", "address1_line2", "address1_line3",
                "address1_city", "address1_postalcode", "merged", "_masterid_value", "statecode", "createdon",
                "modifiedon", "versionnumber",
            ),
        ),
        "incidents": Entity(
            "incident",
            "incidentid",
            (
                "incidentid", "ticketnumber", "title", "_customerid_value", "caseorigincode", "statecode", "createdon",
                "modifiedon", "versionnumber",
            ),
            annotated=("_customerid_value",),
        ),
    }
)  # fmt: skip
"""INVARIANT: in the order in which they are read: people before their cases."""
