"""Consume our feeds: open, apply once, receipt, acknowledge.

A batch is one transaction. The receipt is sent after it and the acknowledgement after that, so a process that dies
in between does the receipt again and applies nothing twice.
"""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import Basic, BasicProperties

from wye.errors import BrokerUnavailable, UsageError
from wye.failpoints import reach
from wye.partner import rows as sql
from wye.partner.broker import broker_faults, open_channel, publish
from wye.partner.config import Config
from wye.partner.key_pairs import load_party
from wye.partner.opening import Batch, Delivery, Opening
from wye.partner.plan import CheckBody, Opened, Plan, check_json, plan
from wye.partner.receipt import CHECKPOINTS, RECEIPTS_CONTENT_TYPE, Receipt, sign_receipt
from wye.partner.rows import Connection
from wye.vocabulary import MessageKind, RecallAnswer

IDLE_SECONDS = 0.2
GATHER_SECONDS = 0.01
LONGEST_BACKOFF = 30.0
RECEIPTS_TO_A_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Applied:
    """Hold one message that is being applied, for whoever uses the consumer as a library."""

    id: UUID
    agreement: str
    version: str
    subject: str
    sequence: int
    kind: MessageKind
    media_type: str
    body: bytes
    leaf: str


@dataclass(slots=True)
class Counts:
    """Count what a run came to. `waiting` is how many messages wait for an earlier one of their subject."""

    applied: int = 0
    again: int = 0
    refused: int = 0
    unopened: int = 0
    keys: int = 0
    waiting: int = 0


def _clock() -> datetime:
    return datetime.now(UTC)


class Consumer:
    """Consume the feeds of a configuration.

    `on_applied` is called inside the transaction, before it commits, with what is applied in order (voids left out):
    if it raises, nothing was applied and the messages come again, so it may see the same ids twice and must be
    idempotent by id. `check_body` refuses bodies that our systems cannot read.
    """

    def __init__(
        self,
        config: Config,
        on_applied: Callable[[list[Applied]], None] | None = None,
        *,
        check_body: CheckBody = check_json,
        clock: Callable[[], datetime] = _clock,
    ) -> None:
        self._config = config
        self._on_applied = on_applied
        self._check_body = check_body
        self._clock = clock
        self._party = load_party(config.home)
        self._opening = Opening(config, self._party)
        if self._party.name != config.name:
            raise UsageError(f"the keys belong to `{self._party.name}`, the configuration to `{config.name}`")

    def run_once(self) -> Counts:
        """Drain the feeds to empty; raises BrokerUnavailable, EnvironmentFault."""
        counts = Counts()
        with sql.connect(self._config.database_url) as conn, open_channel(self._config.amqp_url) as channel:
            self._consume(conn, channel, counts, None)
            counts.waiting = sql.count_waiting(conn)
        return counts

    def run(self, stop: threading.Event) -> Counts:
        """Consume until `stop` is set, connecting again with growing pauses when the broker goes away."""
        counts = Counts()
        pause = 1.0
        while not stop.is_set():
            before = counts.applied
            try:
                with sql.connect(self._config.database_url) as conn, open_channel(self._config.amqp_url) as channel:
                    self._consume(conn, channel, counts, stop)
                    counts.waiting = sql.count_waiting(conn)
            except BrokerUnavailable:
                pause = 1.0 if counts.applied > before else min(pause * 2, LONGEST_BACKOFF)
                stop.wait(pause)
        return counts

    def _consume(
        self, conn: Connection, channel: BlockingChannel, counts: Counts, stop: threading.Event | None
    ) -> None:
        """Take deliveries in batches until `stop` is set; without one, until the feeds are empty."""
        self._opening.know(sql.session_keys(conn))
        self._send_receipts(conn, channel, [], [])
        arrived: list[Delivery] = []
        with broker_faults():
            channel.basic_qos(prefetch_count=self._config.batch, global_qos=False)
            for agreement in self._opening.feeds:
                channel.basic_consume(f"feed.{agreement}", _arrive(agreement, arrived))
        while stop is None or not stop.is_set():
            with broker_faults():
                self._wait(channel, arrived)
                if not arrived and stop is None:
                    self._look_once_more(channel, arrived)
                    if not arrived:
                        return
            batch, arrived[:] = list(arrived), []
            if batch:
                self._take(conn, channel, batch, counts)

    def _wait(self, channel: BlockingChannel, arrived: list[Delivery]) -> None:
        """Wait a moment for deliveries, and take those that are close behind: small batches cost a commit each."""
        channel.connection.process_data_events(time_limit=IDLE_SECONDS)
        before = 0
        while before < len(arrived) < self._config.batch:
            before = len(arrived)
            channel.connection.process_data_events(time_limit=GATHER_SECONDS)

    def _look_once_more(self, channel: BlockingChannel, arrived: list[Delivery]) -> None:
        """Ask each queue before believing that it is empty: a consumer may be slow to start."""
        for agreement in self._opening.feeds:
            method, properties, body = channel.basic_get(f"feed.{agreement}")
            if method is not None:
                arrived.append(Delivery(method.delivery_tag, agreement, properties.headers or {}, body))

    def _take(self, conn: Connection, channel: BlockingChannel, deliveries: Sequence[Delivery], counts: Counts) -> None:
        at = self._clock()
        batch = self._opening.open(deliveries, at)
        with conn.transaction():
            sql.keep_session_keys(conn, batch.keys, at)
            sql.log_unopened(conn, batch.unopened, at)
            sql.hold_checkpoints(conn, [held for each in batch.opened if (held := _checkpoint(each)) is not None])
            done = self._apply(conn, batch, at)
        reach("deliver.after_apply")
        self._send_receipts(conn, channel, done.again, batch.receipts)
        with broker_faults():
            channel.basic_ack(max(delivery.tag for delivery in deliveries), multiple=True)
        counts.applied += len(done.applied)
        counts.again += len(done.again)
        counts.refused += len(done.refused)
        counts.unopened += len(batch.unopened)
        counts.keys += len(batch.keys)

    def _apply(self, conn: Connection, batch: Batch, at: datetime) -> Plan:
        if not batch.opened:
            return Plan()
        subjects = sorted({opened.message.attributes.subject for opened in batch.opened})
        positions = sql.lock_positions(conn, subjects)
        waited = [self._opening.open_message(w.agreement, w.headers, w.sealed) for w in sql.waiting(conn, subjects)]
        messages = batch.opened + waited
        done = plan(
            positions,
            sql.known(conn, [opened.message.attributes.id for opened in messages]),
            messages,
            self._check_body,
        )
        sql.enter_inbox(conn, [(opened, None) for opened in done.applied] + list(done.refused), at)
        sql.hold(conn, [opened for opened in done.held.values() if opened is not None])
        sql.release(conn, [key for key, opened in done.held.items() if opened is None])
        self._recall(conn, done.recalled, at)
        sql.keep_waiting(conn, done.waiting)
        sql.move_positions(conn, done.positions)
        told = [_told(opened) for opened in done.applied if opened.message.attributes.kind is not MessageKind.VOID]
        if told and self._on_applied is not None:
            self._on_applied(told)
        return done

    def _recall(self, conn: Connection, recalled: Sequence[Opened], at: datetime) -> None:
        """Keep recalls, and answer at once those of feeds that are set so: after what is held was brought up to date."""
        if not recalled:
            return
        asked = [(opened.message.attributes, json.loads(opened.message.body)) for opened in recalled]
        sql.keep_recalls(
            conn, [(a.id, a.agreement, a.subject, str(body["ground"]), str(body["answer_by"])) for a, body in asked]
        )
        for attributes, _ in asked:
            if self._opening.feeds[attributes.agreement].on_recall == "delete":
                sql.answer_recall(conn, attributes.id, RecallAnswer.DELETED, at)

    def _send_receipts(
        self, conn: Connection, channel: BlockingChannel, again: Sequence[UUID], unopened: Sequence[Receipt]
    ) -> None:
        """Send the receipts that are due, those asked for again, and refusals of what did not open."""
        due = sql.receipts_due(conn, again) + list(unopened)
        held = {CHECKPOINTS: json.dumps(sql.held_checkpoints(conn))} if due else {}
        for start in range(0, len(due), RECEIPTS_TO_A_MESSAGE):
            lines = [
                sign_receipt(receipt, self._party.signing) for receipt in due[start : start + RECEIPTS_TO_A_MESSAGE]
            ]
            publish(channel, f"receipts.{self._party.name}", "\n".join(lines).encode(), RECEIPTS_CONTENT_TYPE, held)
        sql.mark_receipted(conn, [receipt.id for receipt in due])


def _arrive(
    agreement: str, arrived: list[Delivery]
) -> Callable[[BlockingChannel, Basic.Deliver, BasicProperties, bytes], None]:
    def keep(_channel: BlockingChannel, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> None:
        arrived.append(Delivery(method.delivery_tag, agreement, properties.headers or {}, body))

    return keep


def _checkpoint(opened: Opened) -> tuple[str, int, str] | None:
    """Read the origin and size of a checkpoint that a message brought (C2SP tlog-checkpoint: its first two lines)."""
    origin, _, rest = opened.message.checkpoint.partition("\n")
    size = rest.partition("\n")[0]
    return (origin, int(size), opened.message.checkpoint) if origin and size.isascii() and size.isdecimal() else None


def _told(opened: Opened) -> Applied:
    m, a = opened.message, opened.message.attributes
    return Applied(a.id, a.agreement, a.version, a.subject, a.sequence, a.kind, m.media_type, m.body, m.leaf)
