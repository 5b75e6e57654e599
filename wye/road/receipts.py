"""Collect what partners say they did with what they were sent: step 12 of the way of a record."""

from dataclasses import dataclass, field

from wye.audit.append import append
from wye.audit.event import Event
from wye.exchange import receipts as exchange_receipts
from wye.exchange.broker import open_channel
from wye.road.hub import Hub
from wye.vocabulary import EventKind


@dataclass(slots=True)
class Collected:
    """Tell what receipts said; `not_believed` names messages whose receipt does not verify."""

    delivered: int = 0
    refused: int = 0
    duplicate: int = 0
    not_believed: list[str] = field(default_factory=list)


def receipts(hub: Hub) -> Collected:
    """Drain the receipts of every partner with an agreement in force, and note totals in the trail."""
    done = Collected()
    with open_channel(hub.amqp_url) as channel:
        for name in sorted({standing.agreement.recipient for standing in hub.agreements.values()}):
            at = hub.at()
            counts = exchange_receipts.collect(hub.conn, channel, hub.partner(name), at)
            done.delivered += counts.delivered
            done.refused += counts.refused
            done.duplicate += counts.duplicate
            done.not_believed += counts.not_believed
            if counts.delivered or counts.refused or counts.not_believed:
                totals = {
                    "delivered": counts.delivered,
                    "refused": counts.refused,
                    "not_believed": len(counts.not_believed),
                }
                append(
                    hub.conn,
                    hub.keys,
                    [Event(kind=EventKind.RECEIPT, at=at, actor=hub.actor, recipient=name, counts=totals)],
                    at,
                )
    return done
