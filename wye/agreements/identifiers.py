"""Check that identifiers go only where they may be used: before anybody signs, and again before anything is written.

The canonical model says in which fields of work each identifier may be used; a party works in the fields of its kind, or,
as a part of a council, in those that the agreement names. Law is data: identifiers.yaml.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schemas.catalogue import FIELDS, FieldFacts
from schemas.classification import Classification, Use
from wye.agreements.loading import load, read
from wye.agreements.model import Agreement, Party
from wye.agreements.part import Name, Part, Text
from wye.vocabulary import Direction, LawStatus, PartyKind, PurposeCode, Transform

HERE = Path(__file__).parent

EVERYWHERE = frozenset(Use)

WORK: Mapping[PartyKind, frozenset[Use]] = {
    PartyKind.COUNCIL: frozenset({Use.ADULT_CARE, Use.EDUCATION, Use.TAX_AND_BENEFITS}),
    PartyKind.NHS_BODY: frozenset({Use.HEALTH}),
    PartyKind.CARE_PROVIDER: frozenset({Use.HEALTH, Use.ADULT_CARE}),
    PartyKind.POLICE: frozenset({Use.POLICING}),
    PartyKind.SCHOOL: frozenset({Use.EDUCATION}),
    PartyKind.GOVERNMENT_DEPARTMENT: frozenset({Use.EDUCATION, Use.TAX_AND_BENEFITS}),
}
"""In which fields a kind of body works; one that is not named works in none, as far as identifiers go."""

USES: Mapping[PurposeCode, frozenset[Use]] = {
    PurposeCode.DIRECT_CARE: frozenset({Use.HEALTH, Use.ADULT_CARE}),
    PurposeCode.EDUCATION: frozenset({Use.EDUCATION}),
    PurposeCode.CRIME_PREVENTION: frozenset({Use.POLICING}),
    PurposeCode.ACCURACY: EVERYWHERE,
}
"""For which purposes an identifier's permitted uses count. Putting a record right serves whatever it is held for."""


class IdentifierLaw(Part):
    """Be one row of identifiers.yaml: which law says who may use an identifier."""

    field: Name
    law: Text
    says: Text
    source: Text
    status: LawStatus


class IdentifierTable(Part):
    """Hold the rows of identifiers.yaml."""

    identifiers: Annotated[tuple[IdentifierLaw, ...], Field(min_length=1)]


@cache
def identifier_laws() -> dict[str, IdentifierLaw]:
    """Give the table of identifiers by field."""
    rows = load(IdentifierTable, read(HERE / "identifiers.yaml"), "identifiers.yaml").value.identifiers
    return {row.field: row for row in rows}


def works_in(party: Party) -> frozenset[Use]:
    """Give the fields in which a party works."""
    if party.kind is PartyKind.COUNCIL_SERVICE:
        return frozenset(party.works_in)
    return WORK.get(party.kind, frozenset())


@cache
def barred(work: frozenset[Use]) -> frozenset[tuple[str, str]]:
    """Name the identifiers, by (entity, field), that whoever works in these fields may not use."""
    return frozenset(place for place, facts in FIELDS.items() if _bound(facts) and not facts.uses & work)


def check_identifiers(agreement: Agreement) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Complain of each identifier that goes to a party, or serves a purpose, for which it may not be used."""
    for index, party in enumerate(agreement.parties):
        if party.works_in and party.kind is not PartyKind.COUNCIL_SERVICE:
            yield ("parties", index, "works_in"), f"is for parts of a council; what `{party.kind}` works in is known"
    purpose = USES.get(agreement.purpose.code, frozenset())
    for index, item in enumerate(agreement.data_items):
        facts = FIELDS.get((item.entity, item.field))
        if facts is None or not _bound(facts) or item.transform is Transform.DROP:
            continue
        if not facts.uses & purpose:
            yield ("data_items", index), f"{_rule(facts)} Purpose `{agreement.purpose.code}` is none of these"
        for party in _receivers(agreement, item.direction):
            if (item.entity, item.field) in barred(works_in(party)):
                yield ("data_items", index), f"{_rule(facts)} `{party.id}` ({party.kind}) works in none of these"


def _receivers(agreement: Agreement, direction: Direction) -> list[Party]:
    """Give who comes to hold what goes one way: the recipient and whoever may be told next, or all but the sender."""
    if direction is not Direction.IN:
        names = {agreement.recipient, *agreement.onward.to}
        return [party for party in agreement.parties if party.id in names]
    sender = agreement.inbound.partner if agreement.inbound is not None else None
    return [party for party in agreement.parties if party.id != sender]


def _bound(facts: FieldFacts) -> bool:
    return facts.classification is Classification.IDENTIFIER and Use.ANY not in facts.uses


def _rule(facts: FieldFacts) -> str:
    allowed = ", ".join(sorted(facts.uses))
    row = identifier_laws().get(facts.name)
    law = f" ({row.law}: {row.says})" if row is not None else ""
    return f"`{facts.entity}.{facts.name}` may be used for {allowed} only{law}."
