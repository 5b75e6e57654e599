"""Reach the broker as a partner: one connection, one channel, confirms on."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, NackError, UnroutableError

from wye.errors import BrokerUnavailable


@contextmanager
def broker_faults() -> Iterator[None]:
    """Turn pika's errors into BrokerUnavailable that says what to do."""
    try:
        yield
    except (UnroutableError, NackError) as error:
        raise BrokerUnavailable(
            "the broker did not take a message: its queue is missing or full; ask the hub"
        ) from error
    except (AMQPError, OSError) as error:
        raise BrokerUnavailable(
            "the broker does not answer, or does not let this account do that; check `amqp_url`: nothing was lost"
        ) from error


@contextmanager
def open_channel(url: str) -> Iterator[BlockingChannel]:
    """Open a confirming channel and close its connection after; raises BrokerUnavailable."""
    # pika logs a refused connection with a stack trace; we say it in a sentence.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    with broker_faults():
        connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        with broker_faults():
            channel = connection.channel()
            channel.confirm_delivery()
        yield channel
    finally:
        # A connection that was cut may notice only now: what was wrong with it was said, or no longer matters.
        with suppress(AMQPError, OSError):
            if connection.is_open:
                connection.close()


def publish(
    channel: BlockingChannel, exchange: str, body: bytes, content_type: str, headers: Mapping[str, object] | None = None
) -> None:
    """Publish persistent and mandatory to an exchange whose queue has its name; returns once confirmed."""
    properties = pika.BasicProperties(content_type=content_type, delivery_mode=2, headers=dict(headers or {}))
    with broker_faults():
        channel.basic_publish(exchange, exchange, body, properties, mandatory=True)
