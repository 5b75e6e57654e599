"""Map each table's rows to the canonical model: one table to a file, every function pure."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from connectors.crm.mapping.contacts import map_contact
from connectors.crm.mapping.incidents import map_incident
from wye.ports import Canonical, SourceRow

MAPPINGS: Mapping[str, Callable[[SourceRow], Iterable[Canonical]]] = MappingProxyType(
    {"contacts": map_contact, "incidents": map_incident}
)
