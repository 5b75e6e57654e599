"""Commit what was decided: outbox row, audit entry and what the recipient now holds, in ONE transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.exchange.outbox import OutboxRow, enqueue
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal_many
from wye.ports import Shapes
from wye.road.decide import Decided, Decider
from wye.road.hub import Hub
from wye.road.referred import refer
from wye.road.waiting import settle_waits
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, MessageKind, Outcome

SAMPLE = 50
"""One shaped body in this many is put before the standard's referee at run time; tests put every one."""


@dataclass(slots=True)
class Committed:
    """Tell what a batch of decisions came to. `messages` maps a person to the new outbox row."""

    released: int = 0
    withheld: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    waiting: int = 0
    messages: dict[UUID, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Message:
    decided: Decided
    kind: MessageKind
    id: UUID
    body: bytes
    event: Event


def commit(
    hub: Hub, decider: Decider, shapes: Shapes, decisions: Sequence[Decided], held: Mapping[UUID, bytes], at: datetime
) -> Committed:
    """Write the batch inside the caller's transaction. `held` maps a person to the fingerprint that the recipient holds.

    A release that the recipient holds already makes no message. A withheld person whom the recipient holds is
    withdrawn. Someone who is no subject, and whom the recipient does not hold, leaves no trace. Someone who waits keeps
    what the recipient holds: no message is made.
    """
    done = Committed()
    messages: list[_Message] = []
    refusals: list[Event] = []
    settle_waits(hub, decider, decisions, at)
    refer(hub, decider, decisions, at)
    for decided in decisions:
        decision = decided.decision
        if decision.waits:
            done.waiting += 1
        elif decision.outcome is Outcome.RELEASE:
            if held.get(decided.person) == decision.fingerprint:
                done.unchanged += 1
                continue
            body = shapes.shape(decider.disclosure(decided, at))
            kind = MessageKind.CORRECT if decided.person in held else MessageKind.PUT
            messages.append(_message(hub, decider, decided, kind, body, at))
            done.released += 1
        else:
            if decision.considered:
                refusals.append(_event(hub, decider, decided, EventKind.REFUSAL, None, at))
                done.withheld += 1
            if decided.person in held:
                messages.append(_message(hub, decider, decided, MessageKind.WITHDRAW, b"", at))
                done.withdrawn += 1
    for place, message in enumerate(messages):
        if message.body and place % SAMPLE == 0:
            shapes.check_shaped(message.body)
    append(hub.conn, hub.keys, refusals, at)
    appended = append(hub.conn, hub.keys, [message.event for message in messages], at)
    sealed = seal_many(hub.keys, [(each.id, each.decided.person, each.body) for each in messages])
    insert_wraps(hub.conn, sealed)
    enqueue(
        hub.conn,
        [
            OutboxRow(
                id=message.id,
                agreement=decider.agreement.id,
                version=decider.agreement.version,
                partner=decider.agreement.recipient,
                person=message.decided.person,
                subject=message.decided.subject,
                kind=message.kind.value,
                sealed=box.ciphertext,
                body_hash=hashlib.sha256(message.body).digest(),
                fingerprint=message.decided.decision.fingerprint,
                audit_id=entry.id,
                created_at=at,
            )
            for message, box, entry in zip(messages, sealed, appended, strict=True)
        ],
    )
    done.messages = {message.decided.person: message.id for message in messages}
    return done


def _message(hub: Hub, decider: Decider, decided: Decided, kind: MessageKind, body: bytes, at: datetime) -> _Message:
    number = uuid7()
    return _Message(decided, kind, number, body, _event(hub, decider, decided, EventKind.DISCLOSURE, number, at, kind))


def _event(
    hub: Hub,
    decider: Decider,
    decided: Decided,
    kind: EventKind,
    message: UUID | None,
    at: datetime,
    sent: MessageKind | None = None,
) -> Event:
    """Say who, what, to whom, under which agreement and why: the reasons are clauses, the fields are names."""
    decision = decided.decision
    return Event(
        kind=kind,
        at=at,
        actor=hub.actor,
        person=decided.person,
        nhs_number=decided.nhs_number,
        agreement=decider.agreement.id,
        version=decider.agreement.version,
        recipient=decider.agreement.recipient,
        message=message,
        outcome=sent.value if sent is not None else decision.outcome.value,
        purpose=decider.agreement.purpose.code.value,
        reasons=decision.clauses,
        fields=tuple(sorted(decision.released)) if sent is not MessageKind.WITHDRAW else (),
        detail={} if decided.referred is None else {"referred": str(decided.referred)},
    )
