"""Write the audit entries of one-off disclosures: one to each person named, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import NO_DETAIL, Event
from wye.nhs_number import digits_of
from wye.road.disclose_once.request import Request
from wye.road.hub import Hub
from wye.sharing.facts import Facts
from wye.sharing.one_off import Weighed
from wye.vocabulary import EventKind

ONE_OFF = "one-off"
"""What the entry of a one-off disclosure, or of a decision not to make one, says first among its reasons."""


def note(
    hub: Hub,
    request: Request,
    number: UUID,
    at: datetime,
    purpose: str,
    outcome: str,
    detail: Mapping[str, str] = NO_DETAIL,
) -> None:
    """Note a look at a request or a word on it, which is a look at each person named."""
    append(
        hub.conn,
        hub.keys,
        [
            Event(
                kind=EventKind.CONSULTATION,
                at=at,
                actor=hub.actor,
                person=person,
                recipient=request.recipient,
                purpose=purpose,
                outcome=outcome,
                detail={**_under(request, number), **detail},
            )
            for person in request.persons
        ],
        at,
    )


def disclosed(
    hub: Hub, request: Request, number: UUID, weighed: Sequence[Weighed], facts: Mapping[UUID, Facts], at: datetime
) -> None:
    """Note what was handed over of each person: fields and sources by name, never a value; of whom nothing was, so."""
    events = []
    for person, one in zip(request.persons, weighed, strict=True):
        names = tuple(sorted({each.name for each in one.facts}))
        sources = sorted({each.source for each in one.facts})
        event = Event(
            kind=EventKind.ONE_OFF_DISCLOSURE,
            at=at,
            actor=hub.actor,
            person=person,
            nhs_number=_number(facts[person]),
            recipient=request.recipient,
            message=number,
            outcome="share",
            purpose=request.purpose.value,
            reasons=(ONE_OFF, *(each.value for each in one.overridden)),
            fields=names,
            detail=_under(request, number) | {"sources": " ".join(sources)},
        )
        if not names:
            event = replace(event, kind=EventKind.REFUSAL, outcome="nothing-held", detail=_under(request, number))
        events.append(event)
    append(hub.conn, hub.keys, events, at)


def refused(hub: Hub, request: Request, number: UUID, at: datetime) -> None:
    """Note a decision not to share."""
    append(
        hub.conn,
        hub.keys,
        [
            Event(
                kind=EventKind.REFUSAL,
                at=at,
                actor=hub.actor,
                person=person,
                recipient=request.recipient,
                message=number,
                outcome="withhold",
                purpose=request.purpose.value,
                reasons=(ONE_OFF,),
                detail=_under(request, number),
            )
            for person in request.persons
        ],
        at,
    )


def _under(request: Request, number: UUID) -> dict[str, str]:
    power = request.power
    return {"one_off": str(number), "power": power.name, "power_status": power.status.value, "kind": request.kind.value}


def _number(facts: Facts) -> str | None:
    """Give the NHS number, if it is one: it makes the entry findable."""
    held = facts.known.attributes.get("nhs_number", ())
    return digits_of(held[0].value) if held else None
