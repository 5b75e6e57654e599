"""Open a channel to RabbitMQ, find what is not as described, and drain a queue to empty.

A blocking connection belongs to one thread.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from wye.errors import BrokerUnavailable
from wye.exchange.topology import DEAD_PREFIX, Route, queues

IDLE_SECONDS = 0.2
_NOT_FOUND = 404
WHAT_TO_DO = "start it with `wye services up`, or check WYE_AMQP_URL; nothing was lost, run again"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hold one message as the broker gave it."""

    tag: int
    headers: dict[str, object]
    body: bytes
    redelivered: bool


@contextmanager
def broker_faults() -> Iterator[None]:
    """Turn pika's errors into BrokerUnavailable that says what to do."""
    try:
        yield
    except (AMQPError, OSError) as error:
        raise BrokerUnavailable(f"the broker does not answer; {WHAT_TO_DO}") from error


@contextmanager
def open_channel(url: str) -> Iterator[BlockingChannel]:
    """Open a connection with one channel and close both; raises BrokerUnavailable."""
    # pika logs a refused connection with a stack trace; we say it in a sentence.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    with broker_faults():
        connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        with broker_faults():
            channel = connection.channel()
        yield channel
    finally:
        # A connection that was cut may notice only now: what was wrong with it was said, or no longer matters.
        with suppress(AMQPError, OSError):
            if connection.is_open:
                connection.close()


def drain(
    channel: BlockingChannel, queue: str, size: int, *, idle_seconds: float = IDLE_SECONDS
) -> Iterator[list[Delivery]]:
    """Give a queue's messages in batches until it is empty; the caller acknowledges each batch before the next.

    Unacknowledged messages return to the queue when the channel closes or this generator is closed.
    """
    with broker_faults():
        channel.basic_qos(prefetch_count=size, global_qos=False)
    batch: list[Delivery] = []
    try:
        while True:
            with broker_faults():
                for method, properties, body in channel.consume(queue, inactivity_timeout=idle_seconds):
                    if method is None:
                        # A consumer may be slow to start: ask once more before believing that the queue is empty.
                        method, properties, body = channel.basic_get(queue)  # noqa: PLW2901  same shape, same use
                        if method is None:
                            break
                    batch.append(Delivery(method.delivery_tag, properties.headers or {}, body, method.redelivered))
                    if len(batch) == size:
                        break
            if not batch:
                return
            yield batch
            batch = []
    finally:
        if channel.is_open:
            with broker_faults():
                channel.cancel()


def settle(channel: BlockingChannel, batch: Sequence[Delivery], refused: frozenset[int] = frozenset()) -> None:
    """Acknowledge a batch, except for the delivery tags refused: those go to the queue's dead-letter queue."""
    with broker_faults():
        for tag in refused:
            channel.basic_reject(tag, requeue=False)
        taken = [delivery.tag for delivery in batch if delivery.tag not in refused]
        if taken:
            channel.basic_ack(taken[-1], multiple=True)


def check(url: str, routes: Sequence[Route]) -> list[str]:
    """Find queues and exchanges that are missing or other than described, and messages that no reader could take.

    Creates nothing. A binding cannot be read over AMQP: a missing one shows as a message returned to its sender.
    """
    findings: list[str] = []
    for queue in queues(routes):
        with open_channel(url) as channel:
            try:
                depth = channel.queue_declare(queue.name, passive=True).method.message_count
                channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
                if queue.exchange is not None:
                    channel.exchange_declare(queue.exchange, passive=True)
                    channel.exchange_declare(queue.exchange, "direct", durable=True)
            except ChannelClosedByBroker as error:
                missing = error.reply_code == _NOT_FOUND
                findings.append(
                    f"`{queue.name}` or its exchange is missing; declare it"
                    if missing
                    else f"`{queue.name}` or its exchange is not as described; move its messages and declare it again"
                )
                continue
        if queue.name.startswith(DEAD_PREFIX) and depth:
            findings.append(f"`{queue.name}` holds {depth} messages that no reader could take; look at them")
    return findings
