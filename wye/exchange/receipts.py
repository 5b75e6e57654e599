"""Collect the receipts of a partner: published becomes delivered, or rejected, and the signed word is kept."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pika.adapters.blocking_connection import BlockingChannel

from wye.errors import MessageRefused
from wye.exchange import rows as sql
from wye.exchange.broker import Delivery, drain, settle
from wye.exchange.recall_rows import store_answers
from wye.exchange.rows import SentRow
from wye.exchange.topology import receipts_queue
from wye.failpoints import reach
from wye.partner.envelope_reader import body_hash
from wye.partner.key_pairs import PublicParty
from wye.partner.receipt import CHECKPOINTS, Receipt, Refusal, read_receipt
from wye.store.database import Connection
from wye.vocabulary import OutboxState, RecallAnswer, ReceiptOutcome

__all__ = ["ReceiptCounts", "collect", "read_receipt"]

REFUSED_BY_PARTNER = "refused by the partner"
UNDER_WAY = (OutboxState.NUMBERED, OutboxState.PUBLISHED)
"""A receipt may come before the relay has noted that the broker took the message."""
VOID_HASH = body_hash(b"")


@dataclass(slots=True)
class ReceiptCounts:
    """Count what was collected. `refused_messages` are those that the partner could not use; `not_believed` names
    the ids of receipts that do not verify or do not fit (empty text where no id could be read).
    """

    delivered: int = 0
    refused: int = 0
    duplicate: int = 0
    refused_messages: list[UUID] = field(default_factory=list)
    not_believed: list[str] = field(default_factory=list)
    answered: int = 0
    checkpoints: set[str] = field(default_factory=set)
    """Signed notes of our own log that the partner holds, as it gave them back: not verified here."""


@dataclass(frozen=True, slots=True)
class _Line:
    tag: int
    receipt: Receipt
    jws: str


OnAnswers = Callable[[Sequence[tuple[UUID, RecallAnswer]]], None]
"""Be told, in the transaction that keeps them, of new answers to recalls, by the message that asked."""


def _nobody(_: Sequence[tuple[UUID, RecallAnswer]]) -> None:
    """Tell nobody of answers."""


def collect(
    conn: Connection,
    channel: BlockingChannel,
    partner: PublicParty,
    at: datetime,
    *,
    batch: int = 200,
    on_answers: OnAnswers = _nobody,
) -> ReceiptCounts:
    """Drain a partner's receipts. Each is acknowledged once it is committed; the same one again changes nothing.

    A receipt that does not verify, or whose hash is not of what was sent, is not believed: its AMQP message goes to
    the dead-letter queue and its id is reported. A message that the partner could not open goes back to the relay,
    which closes its sequence number; any other refusal rejects the row. Either way recipient state is put back.
    """
    counts = ReceiptCounts()
    for deliveries in drain(channel, receipts_queue(partner.name), batch):
        lines, dead = _read(deliveries, partner, counts)
        counts.checkpoints.update(note for delivery in deliveries for note in _checkpoints(delivery))
        with conn.transaction():
            dead |= _store(conn, lines, partner.name, at, counts, on_answers)
            reach("receipt.before_commit")
        settle(channel, deliveries, frozenset(dead))
    return counts


def _read(deliveries: Sequence[Delivery], partner: PublicParty, counts: ReceiptCounts) -> tuple[list[_Line], set[int]]:
    lines: list[_Line] = []
    dead: set[int] = set()
    for delivery in deliveries:
        for raw in delivery.body.split(b"\n"):
            try:
                jws = raw.decode("ascii")
                lines.append(_Line(delivery.tag, read_receipt(jws, partner.signing), jws))
            except (MessageRefused, UnicodeDecodeError):
                dead.add(delivery.tag)
                counts.not_believed.append("")
    return lines, dead


def _checkpoints(delivery: Delivery) -> list[str]:
    try:
        given = json.loads(str(delivery.headers.get(CHECKPOINTS, "[]")))
    except ValueError:
        return []
    return [note for note in given if isinstance(note, str)] if isinstance(given, list) else []


def _store(
    conn: Connection,
    lines: Sequence[_Line],
    partner: str,
    at: datetime,
    counts: ReceiptCounts,
    on_answers: OnAnswers,
) -> set[int]:
    """Store what is to be believed; gives the tags of AMQP messages with a receipt that is not."""
    sent = sql.sent_rows(conn, [line.receipt.id for line in lines])
    dead: set[int] = set()
    believed: dict[UUID, _Line] = {}
    answers: list[tuple[UUID, RecallAnswer, str]] = []
    unopened: set[UUID] = set()
    for line in lines:
        row = sent.get(line.receipt.id)
        if row is None or row.partner != partner or not _fits(line.receipt, row):
            dead.add(line.tag)
            counts.not_believed.append(str(line.receipt.id))
            continue
        if line.receipt.answer is not None:  # it may come after the first receipt of the message, and change
            answers.append((row.id, line.receipt.answer, line.jws))
        if line.receipt.refusal is Refusal.UNOPENED:
            unopened.add(row.id)
        elif line.receipt.id not in believed:
            believed[line.receipt.id] = line
        else:
            counts.duplicate += 1
    stored = set(sql.store_receipts(conn, partner, [(i, b.receipt.outcome, b.jws) for i, b in believed.items()], at))
    counts.duplicate += len(believed) - len(stored)
    # A voided row stays rejected: its receipt says that its number was closed, not that anything was delivered.
    open_rows = {i for i in stored if sent[i].state in UNDER_WAY}
    refused = [i for i in open_rows if believed[i].receipt.outcome is ReceiptOutcome.REFUSED]
    delivered = [i for i in open_rows if believed[i].receipt.outcome is not ReceiptOutcome.REFUSED]
    sql.mark_delivered(conn, delivered, at)
    sql.reject(conn, {i: f"{REFUSED_BY_PARTNER}: {believed[i].receipt.refusal}" for i in refused}, at)
    # The relay closes the number of what did not open, once: if the `void` does not open either, it stays rejected.
    to_void = [i for i in unopened if sent[i].state in UNDER_WAY and sent[i].reason is None]
    sql.mark_to_void(conn, to_void, f"{REFUSED_BY_PARTNER}: {Refusal.UNOPENED}")
    counts.delivered += len(delivered)
    counts.refused += len(refused) + len(to_void)
    counts.refused_messages += refused + to_void
    if fresh := store_answers(conn, partner, answers, at):
        on_answers(fresh)
        counts.answered += len(fresh)
    return dead


def _fits(receipt: Receipt, row: SentRow) -> bool:
    """Tell whether a receipt speaks of what was sent: same sequence, same bytes (or none, if it never opened)."""
    if receipt.refusal is Refusal.UNOPENED:
        return True
    hashes = {row.body_hash.hex()} | ({VOID_HASH} if row.state == OutboxState.REJECTED else set())
    return receipt.sequence == row.sequence and receipt.body_hash in hashes
