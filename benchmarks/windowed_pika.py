"""Be the peer: publish given messages by pika alone, as fast as pika goes, with a window of outstanding confirms.

What is published is ready-made: exchange, key, properties and body are built before the clock starts, so that all
the peer does is pika's own work and waiting for the broker. Persistent, mandatory, confirmed.
"""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import pika
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from wye.exchange.amqp_frames import Publication

_PATIENCE = 60.0
_PERSISTENT = 2

Ready = tuple[str, str, BasicProperties, bytes]


def ready(messages: Sequence[Publication]) -> list[Ready]:
    """Build pika's properties of messages, with every header."""
    return [
        (
            each.exchange,
            each.routing_key,
            BasicProperties(
                content_type=each.content_type,
                headers=dict(each.headers),
                delivery_mode=_PERSISTENT,
                message_id=each.message_id,
            ),
            each.body,
        )
        for each in messages
    ]


class WindowedPika:
    """Publish batches on one connection in a thread of its own; at most `window` confirms are outstanding."""

    def __init__(self, url: str, window: int) -> None:
        self._parameters = pika.URLParameters(url)
        self._window = window
        self._opened = threading.Event()
        self._done = threading.Event()
        self._messages: Sequence[Ready] = ()
        self._sent = self._before = self._lowest = 0
        self._ahead: set[int] = set()
        self._fault: str | None = None
        self._channel: Channel | None = None
        self._connection: pika.SelectConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def publish(self, messages: Sequence[Ready]) -> None:
        """Publish all and return when all are confirmed; raises RuntimeError if one is refused or returned."""
        self._done.clear()
        self._before += self._sent
        self._messages, self._sent = messages, 0
        self._loop().add_callback_threadsafe(self._refill)
        if not self._done.wait(_PATIENCE) or self._fault is not None:
            raise RuntimeError(self._fault or "the broker did not confirm in time")

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._opened.wait(_PATIENCE):
            raise RuntimeError("the broker does not answer")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None and self._thread.is_alive():
            self._loop().add_callback_threadsafe(self._connection.close)
            self._thread.join(_PATIENCE)

    def _loop(self) -> "pika.adapters.select_connection.IOLoop":
        if self._connection is None:
            raise RuntimeError("not connected")
        return self._connection.ioloop

    def _run(self) -> None:
        self._connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._channel_open),
            on_close_callback=lambda connection, _: connection.ioloop.stop(),
        )
        self._connection.ioloop.start()

    def _channel_open(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_return_callback(lambda *_: self._fail("a message was returned"))
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._opened.set())

    def _refill(self) -> None:
        channel, messages = self._channel, self._messages
        end = min(len(messages), self._confirmed() + self._window)
        if channel is None:
            return
        for exchange, key, properties, body in messages[self._sent : end]:
            channel.basic_publish(exchange, key, body, properties, mandatory=True)
        self._sent = end

    def _on_confirm(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        method = frame.method
        if not isinstance(method, Basic.Ack):
            self._fail("a message was refused")
            return
        # Tags count from 1 over the life of the channel; confirms of single messages may come out of order.
        if method.multiple:
            self._lowest = max(self._lowest, method.delivery_tag)
            self._ahead = {tag for tag in self._ahead if tag > self._lowest}
        elif method.delivery_tag == self._lowest + 1:
            self._lowest += 1
        else:
            self._ahead.add(method.delivery_tag)
        while self._lowest + 1 in self._ahead:
            self._lowest += 1
            self._ahead.remove(self._lowest)
        confirmed = self._confirmed()
        if confirmed == len(self._messages):
            self._done.set()
        elif self._sent - confirmed <= self._window // 2:
            self._refill()

    def _confirmed(self) -> int:
        return self._lowest + len(self._ahead) - self._before

    def _fail(self, why: str) -> None:
        self._fault = why
        self._done.set()
