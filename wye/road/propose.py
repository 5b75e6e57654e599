"""Propose accepted corrections to the council's systems: decided under one agreement, written once, closed by the answer.

Never a silent write: what a system is given is a proposal in its own inbox, which its staff accept or refuse. A system is
told the accepted value of one field of one record, under the system's own number of the person, and nothing else: neither
whose value it was, nor what the steward wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.agreements.in_force import InForce
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import EnvironmentFault
from wye.failpoints import reach
from wye.ports import Answers
from wye.road import proposal_rows
from wye.road.decide import Decided, Decider
from wye.road.handing import reserve, write
from wye.road.hub import Hub
from wye.road.proposal_answers import close
from wye.road.proposal_rows import Wanted
from wye.road.referred import refer
from wye.vocabulary import Action, EventKind, Outcome


@dataclass(slots=True)
class Proposed:
    """Tell what one run did under one agreement."""

    decided: int = 0
    sent: int = 0
    withheld: int = 0
    closed: int = 0
    written: int = 0


def propose(hub: Hub, standing: InForce) -> Proposed:
    """Close what is answered, decide what is wanted, reserve what may go, and write it.

    Raises AgreementRefused, SourceUnavailable or StorageExhausted; what is reserved is then written by the next run.
    """
    done = Proposed()
    agreement = standing.agreement
    system, stream = str(agreement.route.connector), str(agreement.route.stream)
    decider = Decider(hub, standing)
    done.closed = close(hub, system, _refused(hub, system, stream))
    with hub.conn.transaction():
        hub.conn.execute(proposal_rows.ONE_AT_A_TIME)
        at = hub.at()
        wanted = proposal_rows.wanted(hub.conn, system)
        persons = sorted({one.person for one in wanted})
        decided = {each.person: each for each in decider.decide(persons, at)} if persons else {}
        refer(hub, decider, list(decided.values()), at)
        going, staying = _sort(wanted, decided)
        reserve(hub, system, stream, {one.id: _item(one, at) for one in going})
        sent = [_row(one, decider, "sent", "waits for the system's answer", at) for one in going]
        withheld = [_row(one, decider, "withheld", why, at) for one, why in staying]
        proposal_rows.put(hub.conn, [*sent, *withheld])
        events = [_event(hub, decider, one, decided[one.person], at, None) for one in going]
        # What is withheld for the same reason as before is no news.
        events += [_event(hub, decider, one, decided[one.person], at, why) for one, why in staying if why != one.why]
        append(hub.conn, hub.keys, events, at)
        reach("share.before_commit")
    reach("share.after_commit")
    done.decided, done.sent, done.withheld = len(wanted), len(going), len(staying)
    done.written = write(hub, system, stream)
    return done


def note_wanted(hub: Hub, correction: UUID, at: datetime) -> int:
    """Note, as withheld, what a new correction would have changed in each system; a run under an agreement decides it.

    Where no agreement in force lets a system be told, the proposal stays, says so, and nothing is sent.
    """
    wanted = proposal_rows.wanted(hub.conn, None, correction)
    proposal_rows.put(hub.conn, [_noted(one, why_not(hub, one.system), at) for one in wanted])
    return len(wanted)


def why_not(hub: Hub, system: str) -> str:
    """Say under which agreement a system will be told, or why it cannot be."""
    ready = [
        name
        for name, each in hub.agreements.items()
        if each.agreement.route.stream is not None and each.agreement.route.connector == system
    ]
    if ready:
        return f"not yet decided under `{'`, `'.join(ready)}`"
    refused = "".join(f"; `{name}` is not: {why.splitlines()[0]}" for name, why in hub.refused.items())
    return f"no agreement in force lets `{system}` be told of corrections{refused}"


def _refused(hub: Hub, system: str, stream: str) -> list[UUID]:
    """Ask the system what its staff refused; an acceptance shows in the next version of the record."""
    connector = hub.connector(system)
    waiting = proposal_rows.outstanding(hub.conn, system)
    if not waiting or not isinstance(connector, Answers):
        return []
    try:
        said = connector.answers(stream, [str(one) for one in waiting])
    except EnvironmentFault:
        return []  # it is asked again by the next run; what there is to send is tried all the same, and says what is wrong
    return [one for one in waiting if said.get(str(one)) == "refused"]


def _sort(wanted: Sequence[Wanted], decided: dict[UUID, Decided]) -> tuple[list[Wanted], list[tuple[Wanted, str]]]:
    going: list[Wanted] = []
    staying: list[tuple[Wanted, str]] = []
    for one in wanted:
        why = _stopped(one, decided[one.person])
        if why is None:
            going.append(one)
        else:
            staying.append((one, why))
    return going, staying


def _stopped(one: Wanted, decided: Decided) -> str | None:
    """Say why one proposal may not go, by clause and in words; None if the decision lets this very value leave."""
    decision = decided.decision
    if decision.outcome is not Outcome.RELEASE:
        return f"{decision.reasons[0].clause}: {decision.reasons[0].text}"
    fields = [each for each in decision.fields if (each.entity, each.field) == ("person", one.attribute)]
    if not fields:
        return f"items: the agreement names no `person.{one.attribute}`"
    if fields[0].action is not Action.RELEASE:
        return f"{fields[0].clause}: {fields[0].reason}"
    if decision.entities["person"][0].get(one.attribute) != one.value:
        return "sources: the agreement does not let the accepted value leave from its source"
    if not one.key:
        return "items: the record does not tell the system's own number of the person"
    return None


def _item(one: Wanted, at: datetime) -> dict[str, object]:
    return {
        "proposal": str(one.id),
        "person_id": one.key,
        "field": one.attribute,
        "value": one.value,
        "accepted_on": day_of(at).isoformat(),
    }


def _row(one: Wanted, decider: Decider, state: str, why: str, at: datetime) -> dict[str, object]:
    agreement = decider.agreement
    under = {"agreement": agreement.id, "version": agreement.version, "recipient": agreement.recipient}
    return _noted(one, why, at) | under | {"state": state, "sent_at": at if state == "sent" else None}


def _noted(one: Wanted, why: str, at: datetime) -> dict[str, object]:
    return {
        "id": one.id,
        "correction": one.correction,
        "system": one.system,
        "record": one.record,
        "person": one.person,
        "attribute": one.attribute,
        "agreement": None,
        "version": None,
        "recipient": None,
        "state": "withheld",
        "why": why,
        "at": at,
        "sent_at": None,
    }


def _event(hub: Hub, decider: Decider, one: Wanted, decided: Decided, at: datetime, why: str | None) -> Event:
    """Make the entry of a proposal: a disclosure of one field, or its refusal with the clause that stopped it."""
    agreement = decider.agreement
    return Event(
        kind=EventKind.DISCLOSURE if why is None else EventKind.REFUSAL,
        at=at,
        actor=hub.actor,
        person=one.person,
        nhs_number=decided.nhs_number,
        agreement=agreement.id,
        version=agreement.version,
        recipient=agreement.recipient,
        message=one.id,
        outcome="propose" if why is None else Outcome.WITHHOLD.value,
        purpose=agreement.purpose.code.value,
        reasons=("items",) if why is None else (why.partition(":")[0],),
        fields=(f"person.{one.attribute}",),
        detail={"correction": str(one.correction), "record": str(one.record)},
    )
