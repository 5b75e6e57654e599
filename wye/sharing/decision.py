"""Hold a question and its answer: frozen values, so that a decision is evidence and never a bare bool."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from wye.ports import Disclosure
from wye.vocabulary import Action, Outcome


class Request(NamedTuple):
    """Ask whether something may be released: under which agreement, to whom, for what, in which role."""

    agreement: str
    recipient: str
    purpose: str
    role: str
    relationship: str | None = None
    """For a person who looks: what entitles them to look at this person."""
    trained_on: date | None = None
    """For a person who looks: the day of their last training in information governance, as far as it is known."""


class Moment(NamedTuple):
    """Hold the instant of a decision and its day in London."""

    at: datetime
    day: date
    text: str
    """The day in ISO form."""


class Reason(NamedTuple):
    """Say which clause decided, in words, on what basis, and who is to be asked."""

    clause: str
    text: str
    basis: str
    refer_to: str | None = None
    record: UUID | None = None
    """The row that decided, such as a consent."""
    alarm: bool = False
    """An error stood in the way: an operator must look."""
    waits: bool = False
    """Nothing is decided yet: a named human has to read something first."""
    unrecorded: bool = False
    """It may be told to whoever asks why, and stands on no record and in no entry."""


class FieldDecision(NamedTuple):
    """Say what happens to one field of one row, and why."""

    entity: str
    field: str
    action: Action
    clause: str
    reason: str
    source: str | None
    record: UUID | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold the answer: what leaves, what does not, and why. Most sensitive class: whatever is released."""

    outcome: Outcome
    fields: tuple[FieldDecision, ...]
    reasons: tuple[Reason, ...]
    entities: Mapping[str, tuple[Mapping[str, object], ...]]
    """What is released, transformed: entity -> rows of field -> JSON value."""
    masked: frozenset[str]
    unknown: frozenset[str]
    released: frozenset[str]
    """Names, as `entity.field`, of what leaves."""
    next_change_at: datetime | None
    """The next instant at which time alone may change the answer."""
    fingerprint: bytes
    """SHA-256 over what would be sent; equal fingerprints mean that a recipient need not be told again."""

    @property
    def clause(self) -> str:
        """Name the clause that decided."""
        return self.reasons[0].clause

    @property
    def clauses(self) -> tuple[str, ...]:
        """Name the clauses that decided on the whole, then those that kept back a field the recipient is told is masked.

        For entries of the trail: a clause that may stand on no record is not among them.
        """
        kept = {
            each.clause
            for each in self.fields
            if each.action is Action.WITHHOLD and f"{each.entity}.{each.field}" in self.masked
        }
        return tuple(
            dict.fromkeys([*(reason.clause for reason in self.reasons if not reason.unrecorded), *sorted(kept)])
        )

    @property
    def considered(self) -> bool:
        """Say whether the person is one of the agreement's subjects at all."""
        return self.clause != "subjects" or self.reasons[0].alarm

    @property
    def waits(self) -> bool:
        """Say whether it withholds only for now: nothing new leaves, and nothing that left is withdrawn."""
        return self.reasons[0].waits

    @property
    def unrecorded(self) -> bool:
        """Say whether why it withholds may stand on no record."""
        return self.reasons[0].unrecorded

    @property
    def refer_to(self) -> str | None:
        """Name the office that decides by hand, where a restriction withholds and the agreement says who is asked."""
        return self.reasons[0].refer_to

    @property
    def alarms(self) -> tuple[Reason, ...]:
        """Give the reasons that an operator must look at."""
        return tuple(reason for reason in self.reasons if reason.alarm)

    def disclosure(self, request: Request, version: str, subject: str, at: datetime) -> Disclosure:
        """Give what a connector shapes, under the person's pseudonym for the recipient."""
        if self.outcome is not Outcome.RELEASE:
            raise ValueError("nothing is disclosed by a decision that withholds")
        return Disclosure(request.agreement, version, subject, at, self.entities, self.masked, self.unknown)
