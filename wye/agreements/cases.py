"""Say what a cases.yaml may say: examples of facts and of what must be decided about them. All people are invented."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from wye.agreements.part import Name, Part, Text
from wye.vocabulary import ConsentKind, ConsentScope, Outcome

Unknown = Literal["consents", "restricted", "sealed_identity", "safe_address", "onward", "opt_out"]
Value = str | int | bool
FieldName = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]


class CaseValue(Part):
    """Hold one source's value of an attribute, best first."""

    value: Value
    source: Name
    agreement: Name | None = None


class CaseRow(Part):
    """Hold one row of an entity."""

    source: Name
    values: dict[Name, Value]
    agreement: Name | None = None


class CaseConsent(Part):
    """Hold one consent or objection."""

    kind: ConsentKind
    scope: ConsentScope
    given: bool
    recorded_on: date | None = None


class CaseFacts(Part):
    """Hold what is known in every case that does not change it."""

    person: dict[Name, tuple[CaseValue, ...]]
    rows: dict[Name, tuple[CaseRow, ...]]
    consents: tuple[CaseConsent, ...]
    restricted: bool
    sealed_identity: bool
    safe_address: bool
    onward: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    """Per agreement that brought a value: the parties to which it may be passed on."""
    no_opt_out: bool = False
    """The national check, asked lately, names the person as without an opt-out."""


class Change(Part):
    """Say in what one case differs: attributes and entities named here replace those of the base."""

    person: dict[Name, tuple[CaseValue, ...]] = Field(default_factory=dict)
    rows: dict[Name, tuple[CaseRow, ...]] = Field(default_factory=dict)
    consents: tuple[CaseConsent, ...] | None = None
    restricted: bool | None = None
    sealed_identity: bool | None = None
    safe_address: bool | None = None
    onward: dict[Name, tuple[Name, ...]] | None = None
    unknown: tuple[Unknown, ...] = ()
    """Facts that were not fetched."""
    recipient: Name | None = None
    purpose: str | None = None
    role: str | None = None
    relationship: str | None = None
    trained_on: date | None = None
    no_opt_out: bool | None = None
    break_glass: bool = False
    """Whoever asks broke the glass: their window is open."""


class Expected(Part):
    """Say how the decision must end, which fields must leave, and which must not, by which clause."""

    outcome: Outcome
    released: tuple[FieldName, ...] = ()
    withheld: dict[FieldName, Name] = Field(default_factory=dict)
    values: dict[FieldName, Value] = Field(default_factory=dict)


class Case(Part):
    """Be one example: the clauses it shows, an instant, what differs from the base, and what must be decided."""

    name: Text
    shows: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Clauses of wye.sharing.clauses; where everything is withheld, the one that decides."""
    at: datetime
    change: Change = Change()
    expect: Expected


class Cases(Part):
    """Hold every example of an agreement, and the facts that they share."""

    base: CaseFacts
    cases: Annotated[tuple[Case, ...], Field(min_length=2)]
