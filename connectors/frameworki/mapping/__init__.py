"""Map each stream's rows to the canonical model: one stream to a file, every function pure."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from connectors.frameworki.mapping.addresses import map_address
from connectors.frameworki.mapping.answers import map_answer
from connectors.frameworki.mapping.groups import map_group
from connectors.frameworki.mapping.involvements import map_involvement
from connectors.frameworki.mapping.packages import map_package
from connectors.frameworki.mapping.persons import map_person
from connectors.frameworki.mapping.referrals import map_referral
from connectors.frameworki.mapping.relationships import map_relationship
from connectors.frameworki.mapping.telephones import map_telephone
from wye.ports import Canonical, SourceRow

MAPPINGS: Mapping[str, Callable[[SourceRow], Iterable[Canonical]]] = MappingProxyType(
    {
        "persons": map_person,
        "addresses": map_address,
        "telephones": map_telephone,
        "relationships": map_relationship,
        "involvements": map_involvement,
        "groups": map_group,
        "referrals": map_referral,
        "answers": map_answer,
        "packages": map_package,
    }
)
