"""Hold one connection to the broker in its own thread, and push one batch at a time through its window."""

import logging
import threading
import time
from collections.abc import Sequence

import pika
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from wye.exchange.amqp_frames import Publication, frames

_CLOSE_SECONDS = 5.0
_WAIT_SECONDS = 0.5


class Attempt:
    """Hold one batch under way. Positions are those of `messages`; written by the link's thread only."""

    def __init__(self, messages: Sequence[Publication]) -> None:
        self.messages = messages
        self.positions = {message.message_id: i for i, message in enumerate(messages)}
        self.done = threading.Event()
        self.refused: set[int] = set()
        self.settled = 0
        self.sent = 0
        self.first_tag = 0
        self.lowest = 0
        self.lost = False
        self.fault: Exception | None = None
        self._open = bytearray(b"\x01" * len(messages))

    def settle(self, tag: int, *, multiple: bool, taken: bool) -> None:
        """Note a confirm (or refusal) of one delivery tag, or of all up to it."""
        last = tag - self.first_tag
        for i in range(self.lowest if multiple else last, last + 1):
            if self._open[i]:
                self._open[i] = 0
                self.settled += 1
                if not taken:
                    self.refused.add(i)
        if multiple:
            self.lowest = last + 1
        if self.settled == len(self.messages):
            self.done.set()

    def unsettled(self) -> list[int]:
        """List the positions that the broker has neither confirmed nor refused."""
        return [i for i, state in enumerate(self._open) if state]

    def wait(self, patience: float) -> bool:
        """Wait for the end; false if the connection was lost, or nothing was settled for `patience` seconds."""
        seen, since = 0, time.monotonic()
        while not self.done.wait(_WAIT_SECONDS):
            if self.settled != seen:
                seen, since = self.settled, time.monotonic()
            elif time.monotonic() - since > patience:
                return False
        return not self.lost


class Link:
    """Be one connection with one confirming channel. Broken once means broken for ever: make a new one."""

    def __init__(self, url: str, window: int) -> None:
        self._parameters = pika.URLParameters(url)
        self._window = window
        self._ready = threading.Event()
        self._connection: pika.SelectConnection | None = None
        self._channel: Channel | None = None
        self._thread: threading.Thread | None = None
        self._attempt: Attempt | None = None
        self._next_tag = 1
        self.usable = False

    def open(self, seconds: float) -> bool:
        """Connect; false if that failed or took too long."""
        # pika logs a refused connection with a stack trace; the caller says it in a sentence.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        self._thread = threading.Thread(target=self._run, name="wye-publisher", daemon=True)
        self._thread.start()
        self._ready.wait(seconds)
        return self.usable

    def submit(self, attempt: Attempt) -> None:
        """Begin a batch; if the connection is gone the attempt is lost at once."""
        connection = self._connection
        if connection is None or not self.usable:
            self._lose(attempt)
            return
        connection.ioloop.add_callback_threadsafe(lambda: self._begin(attempt))
        if not self.usable:
            self._lose(attempt)

    def close(self) -> None:
        """Close the connection and wait for its thread."""
        connection, thread = self._connection, self._thread
        self.usable = False
        if connection is not None and thread is not None and thread.is_alive():
            connection.ioloop.add_callback_threadsafe(self._shut)
            thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=self._opened,
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
        )
        self._connection = connection
        connection.ioloop.start()
        connection.ioloop.close()

    def _opened(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._channel_open)

    def _channel_open(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._channel_closed)
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._confirmed, callback=self._confirming)

    def _confirming(self, _frame: object) -> None:
        self.usable = True
        self._ready.set()

    def _begin(self, attempt: Attempt) -> None:
        if not self.usable:
            self._lose(attempt)
            return
        attempt.first_tag = self._next_tag
        self._attempt = attempt
        self._pump_or_fail()

    def _pump_or_fail(self) -> None:
        """Hand a fault of ours (a message that cannot be written) to the caller, who waits in another thread."""
        try:
            self._pump()
        except Exception as error:  # noqa: BLE001  raised again by the caller
            attempt, self._attempt = self._attempt, None
            if attempt is not None:
                attempt.fault = error
                attempt.done.set()

    def _pump(self) -> None:
        """Send as many as the window has room for, as one piece."""
        attempt, channel, connection = self._attempt, self._channel, self._connection
        if attempt is None or channel is None or connection is None:
            return
        end = min(len(attempt.messages), attempt.settled + self._window)
        if end == attempt.sent:
            return
        limit = connection.params.frame_max or 0
        number = channel.channel_number
        piece = b"".join(frames(message, number, limit) for message in attempt.messages[attempt.sent : end])
        self._next_tag += end - attempt.sent
        attempt.sent = end
        connection._output_marshaled_frames([piece])  # noqa: SLF001  pika has no way to send frames already written

    def _confirmed(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        attempt, method = self._attempt, frame.method
        if attempt is None:
            return
        attempt.settle(method.delivery_tag, multiple=method.multiple, taken=isinstance(method, Basic.Ack))
        # Refill in pieces: a piece for each confirm would cost a system call for each message.
        if attempt.sent - attempt.settled <= self._window // 2:
            self._pump_or_fail()

    def _returned(self, _channel: Channel, _method: Basic.Return, properties: BasicProperties, _body: bytes) -> None:
        # INVARIANT: the broker sends Return before the confirm of the same message.
        attempt = self._attempt
        if attempt is not None and properties.message_id in attempt.positions:
            attempt.refused.add(attempt.positions[properties.message_id])

    def _channel_closed(self, _channel: Channel, _reason: Exception) -> None:
        self.usable = False
        self._ready.set()
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    def _ended(self, connection: pika.SelectConnection, _reason: object) -> None:
        self.usable = False
        self._ready.set()
        if self._attempt is not None:
            self._lose(self._attempt)
        connection.ioloop.stop()

    def _shut(self) -> None:
        connection = self._connection
        if connection is not None and not connection.is_closed and not connection.is_closing:
            connection.close()

    @staticmethod
    def _lose(attempt: Attempt) -> None:
        attempt.lost = not attempt.done.is_set()
        attempt.done.set()
