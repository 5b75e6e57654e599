"""Map rows of revenues and benefits to canonical records: pure, one stream to a file."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from connectors.civica_revenues.mapping import accounts, members, occupations
from wye.ports import Canonical, SourceRow

MAPPINGS: Mapping[str, Callable[[SourceRow], Iterable[Canonical]]] = MappingProxyType(
    {"members": members.map_row, "accounts": accounts.map_row, "occupations": occupations.map_row}
)
