"""Hold what Wye knows about a person, in the shape that identity writes and sharing reads.

Identity fills these values from golden candidates and canonical rows; deciding reads them and imports nothing
of identity. Most sensitive class: whatever the canonical model holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold one source's value of one attribute of a person."""

    value: object
    """The JSON value as the canonical row holds it; never None: who says nothing is no candidate."""
    source: str
    record: UUID
    controller: str
    observed_at: datetime
    agreement: str | None
    """For what a partner sent: the agreement whose onward terms it carries."""
    verified: bool = False
    """Its source says that it was checked against a national register."""
    accepted: bool = False
    """A steward found it right."""
    doubt: str | None = None
    """Why it must not be released, in words without values: sources contest it, or a steward found another value right."""


@dataclass(frozen=True, slots=True)
class KnownRow:
    """Hold one canonical row about a person, of any entity but `person`."""

    values: Mapping[str, object]
    source: str
    record: UUID
    controller: str
    observed_at: datetime
    agreement: str | None


@dataclass(frozen=True, slots=True)
class PersonKnown:
    """Hold everything that is known about one person, each list best first.

    INVARIANT: the order of candidates is a total order of each on its own, so dropping the sources that an
    agreement does not permit keeps the order of the others: the first that is left wins.
    """

    person: UUID
    attributes: Mapping[str, tuple[Candidate, ...]]
    """Keyed by field of the entity `person`, such as `family_name`."""
    rows: Mapping[str, tuple[KnownRow, ...]]
    """Keyed by entity, such as `address` (open-ended current home first)."""
