"""Measure steps 8 to 11 (decide, shape, commit, relay) against windowed pika on the same broker in the same run.

The two take turns, round by round, so that whatever else the machine does falls on both. In a round people are made
and marked due, which is not measured; then `share` and `relay` drain them: two decisions a person, shaping, sealing,
audit entries, commits to a durable PostgreSQL, numbering, sealing for the partner, publishing, confirms. Then pika
publishes the very messages that the relay published, to the same queue, with the same window, for as long as we took.
The queue is emptied after each, outside the clock.
"""

from collections.abc import Callable, Sequence

from benchmarks.ground import Ground
from benchmarks.invented import add_people
from benchmarks.measure import Measure, Watch
from benchmarks.windowed_pika import WindowedPika, ready
from wye.exchange.amqp_frames import Publication
from wye.exchange.broker import open_channel
from wye.exchange.publisher import Publisher
from wye.exchange.topology import feed_queue
from wye.road.hub import Hub
from wye.road.relay import relay
from wye.road.share import share
from wye.sharing.due import mark_due

NAME = "share_vs_pika"
AGREEMENT = "adult-care-acute"
ROUND = 5_000
"""People in a round: one batch, so that ours and the peer take turns every few seconds."""


class Recording:
    """Publish, and keep the messages of the round for the peer."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.messages: list[Publication] = []

    def publish_batch(self, messages: Sequence[Publication]) -> None:
        """Publish as the publisher does."""
        self._publisher.publish_batch(messages)
        self.messages += messages


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:
    """Measure ours and the peer for at least `seconds` each, after a round that warms both up."""
    with (
        ground.hub("share") as hub,
        Publisher(hub.amqp_url, window=hub.settings.window) as publisher,
        WindowedPika(hub.amqp_url, hub.settings.window) as peer,
    ):
        rounds = _Rounds(hub, publisher, peer)
        rounds.round(ROUND)
        hub.conn.execute("ANALYZE")
        rounds.ours, rounds.theirs, rounds.shared = Watch(), Watch(), Watch()
        while rounds.ours.seconds < seconds or rounds.theirs.seconds < seconds:
            rounds.round(ROUND)
            say(
                f"{NAME}: {rounds.ours.seconds:.0f} s, {rounds.ours.speed:.0f}/s of {rounds.bytes} bytes "
                f"(share alone {rounds.shared.speed:.0f}/s); pika {rounds.theirs.speed:.0f}/s"
            )
        return Measure(
            NAME,
            rounds.ours.speed,
            "messages/s",
            f"windowed pika {_pika_version()}, window {hub.settings.window}, the same messages and queue",
            rounds.theirs.speed,
        )


class _Rounds:
    def __init__(self, hub: Hub, publisher: Publisher, peer: WindowedPika) -> None:
        self._hub, self._peer = hub, peer
        self._publisher = Recording(publisher)
        self._people = 0
        self.ours, self.theirs, self.shared = Watch(), Watch(), Watch()
        self.bytes = 0

    def round(self, many: int) -> None:
        hub = self._hub
        persons = add_people(hub.conn, self._people, many)
        self._people += many
        mark_due(hub.conn, [AGREEMENT], persons, "benchmark", hub.at())
        self._publisher.messages = []
        with self.ours.running():
            with self.shared.running():
                released = share(hub, AGREEMENT).released
            published = relay(hub, AGREEMENT, self._publisher).published
        if (released, published) != (many, many):
            raise RuntimeError(f"of {many} people {released} were released and {published} published")
        self.ours.items += published
        self.shared.items += released
        messages = [each for each in self._publisher.messages if each.body][-many:]
        self._empty(many)
        self.bytes = sum(len(each.body) for each in messages) // many
        prepared = ready(messages)
        while self.theirs.seconds < self.ours.seconds:
            with self.theirs.running():
                self._peer.publish(prepared)
            self.theirs.items += many
            self._empty(many)

    def _empty(self, at_least: int) -> None:
        with open_channel(self._hub.amqp_url) as channel:
            held = channel.queue_purge(feed_queue(AGREEMENT)).method.message_count
        if held < at_least:
            raise RuntimeError(f"the queue held {held} messages of {at_least}")


def _pika_version() -> str:
    import pika

    return str(pika.__version__)
