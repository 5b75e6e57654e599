"""Say what a deterministic rule is."""

from dataclasses import dataclass
from typing import Literal

LinkKind = Literal["auto", "system", "verified"]
"""Who says that a record is of a person: our rules and model, the source system itself, or a human."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one rule: when `condition` holds for a pair, both records are one person, unless conflict.py objects.

    `condition` is DuckDB SQL over two rows `l` and `r` of features, and `marked` (the source says duplicate).
    """

    name: str
    reason: str
    kind: LinkKind
    condition: str
