"""Accept a correction of a person's attribute, and take one back: a steward's decision, with reason and entry."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from schemas.catalogue import MARKS, TIES
from schemas.person import Person
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.identity import corrections, golden
from wye.identity.known import candidates
from wye.identity.link_rows import records_of
from wye.identity.rows import ONE_AT_A_TIME
from wye.nhs_number import valid
from wye.road.admit import admit_work
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.proposal_answers import close, retract
from wye.road.propose import note_wanted
from wye.sharing.due import mark_due
from wye.store.ids import uuid7
from wye.store.known import Candidate
from wye.vocabulary import EventKind

NOT_CORRECTED = frozenset({*MARKS, *TIES, "case_number"})
"""Fields of a person that are each system's own: its number of the person, and how it checked another field."""

CORRECTED = tuple(sorted(Person.model_fields.keys() - NOT_CORRECTED))


@dataclass(frozen=True, slots=True)
class Corrected:
    """Name a correction, and tell in how many records of the council's systems another value stands."""

    correction: UUID
    person: UUID
    attribute: str
    to_propose: int


@dataclass(frozen=True, slots=True)
class Typed:
    """Hold a value that no source has, and where the evidence is. Most sensitive class: identifier."""

    value: str
    evidence: str


def correct(hub: Hub, person: UUID, attribute: str, right: str | UUID | Typed, reason: str) -> Corrected:
    """Accept as right what one source says (named by system or by record), or a typed value with evidence.

    Golden prefers it from now on, and each system that says otherwise is to be told. Raises UsageError, naming no value.
    """
    if attribute not in CORRECTED:
        raise UsageError(f"`{attribute}` is not corrected here; these are: {', '.join(CORRECTED)}")
    if not reason.strip():
        raise UsageError("a correction needs a reason")
    admit_work(hub, [person], "people correct")
    at = hub.at()
    correction = uuid7()
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME)
        records = records_of(hub.conn, person)
        if not records:
            raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
        if any(one["attribute"] == attribute for one in corrections.open_of(hub.conn, person)):
            raise UsageError(f"a correction of `{attribute}` counts already; withdraw it first")
        known = next(iter(candidates(hub.conn, [person])))
        said = known.attributes.get(attribute, ())
        if isinstance(right, Typed):
            value, record = _typed(attribute, right), records[0]
        else:
            chosen = _said(attribute, said, right)
            value, record = chosen.value, chosen.record
        corrections.insert(
            hub.conn,
            {
                "id": correction,
                "person": person,
                "record": record,
                "attribute": attribute,
                "value": value,
                "typed": isinstance(right, Typed),
                "controller": hub.settings.council,
                "evidence": right.evidence if isinstance(right, Typed) else None,
                "reason": reason,
                "actor": hub.actor,
                "at": at,
            },
        )
        golden.write(hub.conn, [person], at)
        noted = note_wanted(hub, correction, at)
        _record(hub, person, attribute, correction, "corrected")
    return Corrected(correction, person, attribute, noted)


def withdraw(hub: Hub, correction: UUID, reason: str) -> UUID:
    """Take a correction back; golden goes by its rules again, and what was not sent is not sent. Gives the person."""
    if not reason.strip():
        raise UsageError("withdrawing needs a reason")
    at = hub.at()
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME)
        person = corrections.person_of(hub.conn, correction)
        if person is None:
            raise UsageError(f"no correction `{correction}`; `wye people proposals list` names them")
        attribute = next((o["attribute"] for o in corrections.open_of(hub.conn, person) if o["id"] == correction), None)
        if attribute is None or not corrections.withdraw(hub.conn, correction, reason, hub.actor, at):
            raise UsageError(f"correction `{correction}` has ended already")
        golden.write(hub.conn, [person], at)
        _record(hub, person, str(attribute), correction, "withdrawn")
        close(hub, None, ())
    retract(hub)
    return person


def _said(attribute: str, said: tuple[Candidate, ...], right: str | UUID) -> Candidate:
    if isinstance(right, UUID):
        found = [one for one in said if one.record == right]
        if not found:
            raise UsageError(f"record `{right}` says nothing of `{attribute}`; `wye people show` lists who does")
        return found[0]
    found = [one for one in said if one.source == right]
    if not found:
        sources = ", ".join(sorted({one.source for one in said})) or "none"
        raise UsageError(f"`{right}` says nothing of this person's `{attribute}`; who does: {sources}")
    if any(one.value != found[0].value for one in found):
        records = ", ".join(f"`{one.record}`" for one in found)
        raise UsageError(f"records of `{right}` differ in `{attribute}`; name one of {records}")
    return found[0]


def _typed(attribute: str, typed: Typed) -> object:
    """Read a typed value as the model has it; raises UsageError that does not repeat it."""
    if not typed.evidence.strip():
        raise UsageError("a typed value needs evidence: where the document is that shows it")
    try:
        person = Person.model_validate({"subject": UUID(int=0), attribute: typed.value})
    except ValidationError:
        raise UsageError(f"the value is no `{attribute}`: {Person.model_fields[attribute].description}") from None
    value = person.model_dump(mode="json")[attribute]
    if attribute == "nhs_number":
        value = valid(value)
    if value is None or value == "":
        raise UsageError(f"the value is no `{attribute}`: {Person.model_fields[attribute].description}")
    return value


def _record(hub: Hub, person: UUID, attribute: str, correction: UUID, outcome: str) -> None:
    at = hub.at()
    mark_due(hub.conn, hub.feeds, [person], "correction", at)
    altered = Event(
        kind=EventKind.ALTERATION,
        at=at,
        actor=hub.actor,
        person=person,
        outcome=outcome,
        purpose="people correct",
        fields=(f"person.{attribute}",),
        detail={"correction": str(correction)},
    )
    append(hub.conn, hub.keys, with_flows(hub.conn, [altered]), at)
