"""Hold one look of an account at a person, what account and person have in common, and why that is suspicious."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.vocabulary import EventKind

LOOKS = frozenset(
    {
        EventKind.CONSULTATION, EventKind.ALTERATION, EventKind.MERGE, EventKind.UNMERGE, EventKind.REPORT,
        EventKind.ONE_OFF_DISCLOSURE, EventKind.BREAK_GLASS,
    }
)  # fmt: skip
"""What an account does to or with one person. Other disclosures are decided by rules, under whatever account runs them."""
CHOSEN = (
    "people show", "people open", "people history", "people household", "people find", "people disclosures", "explain",
)  # fmt: skip
"""How the purposes begin under which whoever looks chose whom to look at. Other looks are brought by a queue or a sample,
or are an auditor's."""
COMPARED = "compared"
"""The outcome of entries that this report itself writes of the people whose accounts it judged: no look of anybody."""


@dataclass(frozen=True, slots=True)
class Look:
    """Hold one look. Most sensitive class: personal (who looked at whom)."""

    entry: UUID
    index: int | None
    """In the log; none until it is sequenced."""
    at: datetime
    account: str
    kind: EventKind
    purpose: str | None
    person: UUID
    message: UUID | None

    @property
    def chosen(self) -> bool:
        """Say whether the account chose whom to look at."""
        return (self.purpose or "").startswith(CHOSEN)


@dataclass(frozen=True, slots=True)
class Common:
    """Say what the person of an account and the one looked at have in common, as the hub knows it now."""

    known: bool
    """Something is known of the one looked at; else nothing can be judged."""
    same_person: bool
    same_name: bool
    same_address: bool
    """Now or formerly."""
    related: bool
    """A source names one as a relation of the other."""
    worked_with: bool
    """A source named the account's worker or team as involved with the person on the day of the look."""
    guarded: bool
    """One of the two has a safe address, a restriction or a sealed identity, or may have."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Say why a look is suspicious. `home` says that it tells something of where or with whom a person lives."""

    code: str
    words: str
    home: bool = False
