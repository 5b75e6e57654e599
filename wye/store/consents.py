"""Hold what a person agreed or objected to, in the shape that consent writes and sharing reads."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HeldConsent:
    """Hold the newest consent or objection of one kind and scope. Most sensitive class: personal."""

    kind: str
    """confidentiality, uk-gdpr or objection."""
    scope: str
    given: bool
    """True if given or objected, false if refused or withdrawn."""
    recorded_on: date | None
    record: UUID
    source: str
    upheld: frozenset[str] = frozenset()
    """Of an objection that counts: the agreements under which it was upheld, so that nothing is shared under them."""
