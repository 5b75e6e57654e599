"""Take in what partners send by queue: the inbound half of an agreement, and step 1 of the same road."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol
from uuid import UUID

from wye.agreements.in_force import InForce
from wye.agreements.model import Inbound
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import WyeError
from wye.exchange import inbound
from wye.exchange.broker import open_channel
from wye.intake.land import land, land_unreadable
from wye.ports import BadInput, Receives, SourceRow, record_id
from wye.road.agreement_life import enforce
from wye.road.faults import noting, raise_all
from wye.road.hub import Hub
from wye.vocabulary import EventKind


class Counts(Protocol):
    """Be counts that receiving adds to."""

    read: int
    landed: int
    quarantined: int


def receive(hub: Hub, source: str, done: Counts) -> None:
    """Drain the inbound queues of every agreement in force whose partner this connector speaks to.

    A message under an agreement that is not in force stays on its queue, unread. So does one under a version that does not
    follow on the one before it, or whose partner's keys are missing: that agreement stops no other, and is named when the
    others are drained (AgreementRefused, UsageError, BrokerUnavailable).
    """
    connector = hub.connector(source)
    if not isinstance(connector, Receives):
        return
    faults: list[WyeError] = []
    for standing in hub.agreements.values():
        way_in = standing.agreement.inbound
        if way_in is not None and way_in.connector == source:
            with noting(faults):
                _drain(hub, source, standing, way_in, connector, done)
    raise_all(faults)


def _drain(hub: Hub, source: str, standing: InForce, way_in: Inbound, connector: Receives, done: Counts) -> None:
    """Empty the queue of one agreement, once its text is kept: what lands carries its onward terms from then on."""
    enforce(hub, standing)
    name, stream = standing.agreement.id, way_in.stream

    def land_messages(messages: Sequence[inbound.InboundMessage]) -> UUID | None:
        return _land(hub, source, stream, name, connector, messages, done)

    with open_channel(hub.amqp_url) as channel:
        inbound.collect(
            hub.conn, channel, name, hub.party, hub.partner(way_in.partner), land_messages, hub.at(),
            note_refused=partial(note_refused, hub, name, f"{source}.{stream}"),
        )  # fmt: skip


def note_refused(hub: Hub, agreement: str, purpose: str, refused: Mapping[UUID, str]) -> None:
    """Put what did not open on the record, an entry a message: who sent it is not known, so none is named.

    The ids are made of the messages' bytes; the reasons are ours.
    """
    at = hub.at()
    events = [
        Event(
            kind=EventKind.REFUSAL,
            at=at,
            actor=hub.actor,
            agreement=agreement,
            recipient=hub.settings.council,
            message=message,
            outcome="not-opened",
            purpose=purpose,
            detail={"why": why},
        )
        for message, why in refused.items()
    ]
    append(hub.conn, hub.keys, events, at)


def _land(
    hub: Hub,
    source: str,
    stream: str,
    agreement: str,
    connector: Receives,
    messages: Sequence[inbound.InboundMessage],
    done: Counts,
) -> UUID | None:
    """Land messages in the transaction of the inbox, each with its audit entry."""
    at = hub.at()
    incoming: dict[UUID, SourceRow] = {}
    events: list[Event] = []
    for message in messages:
        outcome = "landed"
        try:
            rows: Mapping[UUID, SourceRow] = {
                record_id(source, stream, row.key): row for row in connector.rows(stream, message.body, message.time)
            }
            incoming.update(rows)
        except Exception as error:  # noqa: BLE001  one message that breaks its reader must not stop all behind it
            outcome = "quarantined"
            reason = str(error) if isinstance(error, BadInput) else f"reading it fails with {type(error).__name__}"
            land_unreadable(
                hub.conn, hub.keys, source, stream, message.id, message.body,
                owner=hub.contract(source).owner, reason=reason, agreement=agreement, at=at,
            )  # fmt: skip
            done.quarantined += 1
        events.append(
            Event(
                kind=EventKind.COLLECTION,
                at=at,
                actor=message.partner,
                agreement=agreement,
                version=message.version,
                recipient=hub.settings.council,
                message=message.id,
                outcome=outcome,
                purpose=f"{source}.{stream}",
            )
        )
    append(hub.conn, hub.keys, events, at)
    done.read += len(messages)
    landed = land(hub.conn, hub.keys, source, stream, incoming, cursor=None, at=at, agreement=agreement)
    done.landed += landed.read - landed.unchanged
    return landed.batch
