"""Publish batches with a window of outstanding confirms, and know of each message whether the broker has it.

The connection lives in a thread of its own (pika's SelectConnection); callers block in `publish_batch`.
"""

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from wye.errors import BrokerUnavailable
from wye.exchange.amqp_frames import Publication
from wye.exchange.broker import WHAT_TO_DO
from wye.exchange.link import Attempt, Link

__all__ = ["MessagesNotTaken", "Publication", "Publisher"]

FIRST_BACKOFF = 0.1
LONGEST_BACKOFF = 5.0


class MessagesNotTaken(BrokerUnavailable):
    """Say that the broker did not take some messages. `failed` are their positions; the others are safe there."""

    def __init__(self, message: str, failed: frozenset[int]) -> None:
        super().__init__(message)
        self.failed = failed


class Publisher:
    """Publish persistent, mandatory, confirmed. `window` confirms may be outstanding at once.

    A lost connection is made again, with growing pauses, for up to `patience` seconds without progress; what was not
    confirmed is then published again, in its order, so a message may arrive twice and is never lost.
    """

    def __init__(self, url: str, *, window: int = 500, patience: float = 30.0) -> None:
        self._url = url
        self._window = window
        self._patience = patience
        self._link: Link | None = None
        self._one_batch = threading.Lock()

    def publish_batch(self, messages: Sequence[Publication]) -> None:
        """Return once the broker has confirmed every message.

        Raises MessagesNotTaken when it returned (no such queue), refused (queue full) or did not confirm some.
        """
        with self._one_batch:
            pending = list(range(len(messages)))
            refused: set[int] = set()
            deadline = time.monotonic() + self._patience
            while pending:
                link = self._connected(deadline, frozenset(pending) | refused)
                attempt = Attempt([messages[i] for i in pending])
                link.submit(attempt)
                lost = not attempt.wait(self._patience)
                if attempt.fault is not None:
                    self._drop()
                    raise attempt.fault
                if lost:
                    self._drop()
                if attempt.settled:
                    deadline = time.monotonic() + self._patience
                refused |= {pending[i] for i in attempt.refused}
                pending = [pending[i] for i in attempt.unsettled()]
                if lost and time.monotonic() >= deadline:
                    break
            failed = frozenset(pending) | refused
            if failed:
                raise MessagesNotTaken(
                    f"the broker did not take {len(failed)} of {len(messages)} messages: a queue is missing or full; "
                    "see `wye broker check`, then run again: they wait in the outbox",
                    failed,
                )

    def close(self) -> None:
        """Close the connection and end its thread."""
        with self._one_batch:
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self, deadline: float, pending: frozenset[int]) -> Link:
        pause = FIRST_BACKOFF
        while self._link is None or not self._link.usable:
            self._drop()
            link = Link(self._url, self._window)
            if link.open(max(0.1, deadline - time.monotonic())):
                self._link = link
                break
            link.close()
            if time.monotonic() + pause >= deadline:
                raise MessagesNotTaken(f"the broker does not answer; {WHAT_TO_DO}", pending)
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_BACKOFF)
        return self._link

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
