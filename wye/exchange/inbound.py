"""Collect what a partner sends under an agreement's inbound half, and land each message once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from pika.adapters.blocking_connection import BlockingChannel

from wye.errors import MessageRefused
from wye.exchange import rows as sql
from wye.exchange.broker import Delivery, drain, settle
from wye.exchange.envelope import InboundMessage, open_inbound
from wye.exchange.topology import inbound_queue
from wye.failpoints import reach
from wye.partner.key_pairs import Party, PublicParty
from wye.store.database import Connection

__all__ = ["InboundCounts", "InboundMessage", "Land", "collect"]

REFUSED_NAMESPACE = UUID("f3f0a7c6-6e0d-5d0b-9a3e-0c2f6c1d7b54")

Land = Callable[[Sequence[InboundMessage]], UUID | None]
"""Land messages in the caller's transaction; gives the intake batch they went into, if any."""

NoteRefused = Callable[[Mapping[UUID, str]], None]
"""Note, in the caller's transaction, messages that did not open, with why."""


@dataclass(slots=True)
class InboundCounts:
    """Count what was collected; a duplicate was landed before."""

    landed: int = 0
    duplicate: int = 0
    refused: int = 0


def collect(
    conn: Connection,
    channel: BlockingChannel,
    agreement: str,
    hub: Party,
    partner: PublicParty,
    land: Land,
    at: datetime,
    *,
    batch: int = 200,
    note_refused: NoteRefused = lambda _: None,
) -> InboundCounts:
    """Drain an agreement's inbound queue. `land` and the inbox share ONE transaction; acknowledged once committed.

    `note_refused` is told, in the same transaction, of what did not open.

    A message that does not open is kept as refused with its reason, under an id made of its bytes (the id it claims
    might be that of a good message), and its sealed bytes go to the dead-letter queue.
    """
    counts = InboundCounts()
    for deliveries in drain(channel, inbound_queue(agreement), batch):
        good: dict[UUID, InboundMessage] = {}
        refused: dict[UUID, str] = {}
        dead: set[int] = set()
        for delivery in deliveries:
            try:
                message = open_inbound(delivery.body, delivery.headers, hub, partner, agreement=agreement)
            except MessageRefused as error:
                refused[_id_of(delivery)] = str(error)
                dead.add(delivery.tag)
            else:
                good[message.id] = message
        with conn.transaction():
            sql.refuse_inbound(conn, partner.name, agreement, refused, at)
            if refused:
                note_refused(refused)
            fresh = sql.claim_inbound(conn, partner.name, agreement, list(good), at)
            messages = [message for id_, message in good.items() if id_ in fresh]
            landed_in = land(messages) if messages else None
            if landed_in is not None:
                sql.name_batch(conn, partner.name, [message.id for message in messages], landed_in)
        reach("receive.after_land")
        settle(channel, deliveries, frozenset(dead))
        counts.landed += len(messages)
        counts.refused += len(dead)
        counts.duplicate += len(deliveries) - len(dead) - len(messages)
    return counts


def _id_of(delivery: Delivery) -> UUID:
    return uuid5(REFUSED_NAMESPACE, sha256(delivery.body).hexdigest())
