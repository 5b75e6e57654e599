"""Collect what partners say they did with what they were sent: step 12 of the way of a record."""

from dataclasses import dataclass, field

from pika.adapters.blocking_connection import BlockingChannel

from wye.audit.append import append
from wye.audit.checkpoint import origin_of
from wye.audit.event import Event
from wye.audit.outside import KeptCheckpoints
from wye.errors import WyeError
from wye.exchange import receipts as exchange_receipts
from wye.exchange.broker import open_channel
from wye.road.faults import noting, raise_all
from wye.road.hub import Hub
from wye.road.recall.answers import note_answers
from wye.road.recall.rows import awaited
from wye.road.recall.stranded import send_stranded
from wye.vocabulary import EventKind


@dataclass(slots=True)
class Collected:
    """Tell what receipts said; `not_believed` names messages whose receipt does not verify, and checkpoints we never signed."""

    delivered: int = 0
    refused: int = 0
    answered: int = 0
    duplicate: int = 0
    not_believed: list[str] = field(default_factory=list)


def receipts(hub: Hub) -> Collected:
    """Drain the receipts of every partner with an agreement in force or a recall to answer; raise what stopped some.

    Recalls under agreements that are not in force go out first: nothing else carries them.
    """
    done = Collected()
    faults: list[WyeError] = []
    with noting(faults):
        send_stranded(hub)
    for name in sorted({*(hub.agreements[feed].agreement.recipient for feed in hub.feeds), *awaited(hub.conn)}):
        with noting(faults), open_channel(hub.amqp_url) as channel:
            _collect(hub, channel, name, done)
    raise_all(faults)
    return done


def _collect(hub: Hub, channel: BlockingChannel, name: str, done: Collected) -> None:
    """Collect one partner's receipts, and note totals in the trail."""
    at = hub.at()
    counts = exchange_receipts.collect(
        hub.conn, channel, hub.partner(name), at, on_answers=lambda answers: note_answers(hub, answers, at)
    )
    done.answered += counts.answered
    done.delivered += counts.delivered
    done.refused += counts.refused
    done.duplicate += counts.duplicate
    done.not_believed += counts.not_believed
    kept, origin = KeptCheckpoints(hub.settings.keys), origin_of(hub.settings.council)
    forged = [note for note in counts.checkpoints if not kept.keep_held(name, note, hub.keys, origin)]
    done.not_believed += ["a checkpoint"] * len(forged)
    if counts.delivered or counts.refused or counts.not_believed:
        totals = {
            "delivered": counts.delivered,
            "refused": counts.refused,
            "not_believed": len(counts.not_believed),
        }
        collected = Event(kind=EventKind.RECEIPT, at=at, actor=hub.actor, recipient=name, counts=totals)
        append(hub.conn, hub.keys, [collected], at)
