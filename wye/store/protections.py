"""Hold what protects a person beyond their own flags, in the shape that identity and road write and sharing reads."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class GuardedRelation:
    """Hold one relation of a person who has, or may have, a safe-address flag. Most sensitive class: safe-address."""

    flag: Values
    """The fields of the flag; empty where a version waits that nobody could read: it may be one."""
    addresses: tuple[Values, ...]
    """The addresses that sources give the relation, ended ones too; none where they are kept back from us."""


@dataclass(frozen=True, slots=True)
class Protections:
    """Hold what staff restricted about a person, and which relations have a safe-address flag."""

    restricted: bool
    """Against everyone."""
    against: frozenset[str]
    """The parties to whom nothing of the person goes."""
    relations: tuple[GuardedRelation, ...]
