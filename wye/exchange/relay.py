"""Relay the outbox to the broker: decide again, number, publish, and note what the broker has.

A process may die anywhere. Before numbering is committed nothing was sent; after it, the same id and sequence number
are published again, and the partner applies them once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from wye.exchange import rows as sql
from wye.exchange.amqp_frames import Publication
from wye.exchange.envelope import MessageSealer
from wye.exchange.publisher import MessagesNotTaken
from wye.exchange.rows import OutboxRow
from wye.exchange.session import Feed, Publishes, publication, rfc3339, session
from wye.failpoints import reach
from wye.partner.attributes import Attributes
from wye.store.database import Connection
from wye.vocabulary import MessageKind, OutboxState

GONE = "the payload is no longer held"
NOT_TEXT = "the payload is not UTF-8 text"


class Say(StrEnum):
    """Name what deciding again can say of a waiting row."""

    SEND = "send"
    REJECT = "reject"
    SUPERSEDE = "supersede"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what deciding again said of one row: with the reason of a rejection, the row that takes its place, or until
    when it waits.
    """

    say: Say
    reason: str = ""
    by: UUID | None = None
    until: datetime | None = None

    @classmethod
    def send(cls) -> Self:
        """Let the row go as it is."""
        return cls(Say.SEND)

    @classmethod
    def reject(cls, reason: str) -> Self:
        """Withhold the row: it ends without ever having had a number."""
        if not reason:
            raise ValueError("a rejection has a reason")
        return cls(Say.REJECT, reason)

    @classmethod
    def supersede(cls, by: UUID) -> Self:
        """Put another row in its place, which is in the outbox already."""
        return cls(Say.SUPERSEDE, by=by)

    @classmethod
    def wait(cls, until: datetime) -> Self:
        """Leave the row where it is, neither sent nor rejected; it is decided again at `until`."""
        return cls(Say.WAIT, until=until)


@dataclass(frozen=True, slots=True)
class Payload:
    """Hold an opened payload: the shaped body and the leaf hash of its audit entry (32 bytes)."""

    leaf: bytes
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class RelayResult:
    """Count what one batch came to; `taken` is 0 when nothing waits."""

    taken: int = 0
    published: int = 0
    rejected: int = 0
    superseded: int = 0
    voided: int = 0
    put_back: int = 0


Redecide = Callable[[Sequence[OutboxRow]], Sequence[Verdict]]
OpenPayload = Callable[[Sequence[OutboxRow]], Sequence[Payload | None]]
"""Open the payloads of rows, in their order; None where the payload was erased."""


def relay(
    conn: Connection,
    publisher: Publishes,
    feed: Feed,
    *,
    redecide: Redecide,
    open_payload: OpenPayload,
    at: datetime,
    batch: int,
    checkpoint: str = "",
) -> RelayResult:
    """Relay one batch of a feed; call again until `taken` is 0, and again later if it raises.

    `checkpoint`: the newest signed note of the audit log, which the batch brings to the partner to hold.

    `redecide` runs inside the transaction that numbers, on waiting rows only. Raises MessagesNotTaken after noting
    what the broker did take; the rest keeps its numbers and is published by the next call. Does nothing while another
    relay of the same agreement is at work.
    """
    if not sql.try_relay_lock(conn, feed.agreement):
        return RelayResult()
    try:
        if not sql.anything_to_relay(conn, feed.agreement, feed.partner.name, at):
            return RelayResult()
        sealer = session(conn, publisher, feed, at, batch)
        with conn.transaction():
            result, going = _decide_and_number(conn, feed, redecide, open_payload, at, batch)
            sql.count_messages(conn, sealer.kid, len(going))
        reach("relay.after_numbering")
        if going:
            _publish(conn, publisher, feed, sealer, going, at, checkpoint)
        return result
    finally:
        sql.release_relay_lock(conn, feed.agreement)


_Going = list[tuple[OutboxRow, int, Payload | None]]


def _decide_and_number(
    conn: Connection, feed: Feed, redecide: Redecide, open_payload: OpenPayload, at: datetime, batch: int
) -> tuple[RelayResult, _Going]:
    taken = sql.take_batch(conn, feed.agreement, feed.partner.name, batch, at)
    again = sorted((r for r in taken if r.state == OutboxState.NUMBERED), key=lambda r: r.sequence or 0)
    waiting = [r for r in taken if r.state == OutboxState.WAITING]
    verdicts = redecide(waiting) if waiting else ()
    if len(verdicts) != len(waiting):
        raise ValueError("deciding again must give one verdict for each row")
    rejected = {r.id: v.reason for r, v in zip(waiting, verdicts, strict=True) if v.say is Say.REJECT}
    superseded = {r.id: v.by for r, v in zip(waiting, verdicts, strict=True) if v.by is not None}
    put_back = {r.id: v.until for r, v in zip(waiting, verdicts, strict=True) if v.until is not None}
    fresh = [r for r, v in zip(waiting, verdicts, strict=True) if v.say is Say.SEND]
    payloads = dict(zip((r.id for r in again + fresh), open_payload(again + fresh), strict=True))
    rejected |= {r.id: fault for r in fresh if (fault := _fault(payloads[r.id])) is not None}
    fresh = [r for r in fresh if r.id not in rejected]
    sql.put_back(conn, put_back)
    sql.supersede(conn, superseded, at)
    sql.reject(conn, rejected, at)
    sequences = sql.number(conn, fresh)
    # Numbered before a crash goes first: its numbers are the lower ones of their subjects.
    going: _Going = [(r, r.sequence or 0, None if r.reason else payloads[r.id]) for r in again]
    going += [(r, sequences[r.id], payloads[r.id]) for r in fresh]
    voided = sum(payload is None for _, _, payload in going)
    return RelayResult(len(taken), len(going) - voided, len(rejected), len(superseded), voided, len(put_back)), going


def _fault(payload: Payload | None) -> str | None:
    """Say why a payload cannot be sealed, before it costs a sequence number."""
    if payload is None:
        return GONE
    try:
        payload.body.decode()
    except UnicodeDecodeError:
        return NOT_TEXT
    return None


def _publish(
    conn: Connection,
    publisher: Publishes,
    feed: Feed,
    sealer: MessageSealer,
    going: _Going,
    at: datetime,
    checkpoint: str,
) -> None:
    """Seal and publish; note what the broker took even if it did not take all. The first message brings the checkpoint."""
    messages = [
        _seal(feed, sealer, row, sequence, payload, "" if i else checkpoint)
        for i, (row, sequence, payload) in enumerate(going)
    ]
    fault: MessagesNotTaken | None = None
    try:
        publisher.publish_batch(messages)
    except MessagesNotTaken as error:
        fault = error
    reach("relay.after_publish")
    taken = [entry for i, entry in enumerate(going) if fault is None or i not in fault.failed]
    with conn.transaction():
        sql.mark_published(conn, [row.id for row, _, payload in taken if payload is not None], at)
        sql.reject(conn, {row.id: row.reason or GONE for row, _, payload in taken if payload is None}, at)
    if fault is not None:
        raise fault


def _seal(
    feed: Feed, sealer: MessageSealer, row: OutboxRow, sequence: int, payload: Payload | None, checkpoint: str
) -> Publication:
    """Seal one row; without payload it closes its sequence number with a message `void`."""
    kind = MessageKind(row.kind) if payload is not None else MessageKind.VOID
    sent = payload or Payload(b"", "", b"")
    attributes = Attributes(
        row.id, feed.source, kind, rfc3339(row.created_at), row.subject, row.agreement, row.version, sequence
    )
    sealed = sealer.seal(attributes, sent.leaf, sent.media_type, sent.body, checkpoint)
    return publication(feed, attributes, sealed)
