"""Describe the broker: every queue and exchange, from one list of routes.

For each route (an agreement with one partner):

- outbound: quorum queue `feed.<agreement>`, fed by the hub through the default exchange;
- inbound: direct exchange and quorum queue `inbound.<agreement>`, which the partner writes and the hub reads;

and for each partner a direct exchange and quorum queue `receipts.<partner>`. What a reader cannot take (20
deliveries, or a refusal) goes to `dead.<queue>`, at least once: nothing is dropped. All is durable and quorum, so
RabbitMQ 3.10 and 4.x take the same arguments.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from wye.errors import UsageError

VHOST = "wye"
DELIVERY_LIMIT = 20
DEAD_PREFIX = "dead."
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class DeclaringChannel(Protocol):
    """Be the part of a pika channel that declaring needs."""

    def exchange_declare(self, exchange: str, exchange_type: str, *, durable: bool) -> object:
        """Declare an exchange."""
        ...

    def queue_declare(self, queue: str, *, durable: bool, arguments: Mapping[str, object]) -> object:
        """Declare a queue."""
        ...

    def queue_bind(self, queue: str, exchange: str, routing_key: str) -> object:
        """Bind a queue to an exchange."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """Say which ways messages flow under one agreement with one partner."""

    agreement: str
    partner: str
    outbound: bool = True
    inbound: bool = False

    def __post_init__(self) -> None:
        for name in (self.agreement, self.partner):
            if not _NAME.fullmatch(name):
                raise UsageError(f"`{name}` cannot name a queue; use lower-case letters, digits and hyphens")
        if not (self.outbound or self.inbound):
            raise UsageError(f"the route of `{self.agreement}` must flow out, in or both")


@dataclass(frozen=True, slots=True)
class Queue:
    """Describe one quorum queue; `exchange` is its own direct exchange, if writers other than the hub feed it."""

    name: str
    arguments: Mapping[str, object]
    exchange: str | None = None


class Permissions(NamedTuple):
    """Hold the three regular expressions of a RabbitMQ user on the vhost."""

    configure: str
    write: str
    read: str


def feed_queue(agreement: str) -> str:
    """Name the queue of an agreement's outbound messages."""
    return f"feed.{agreement}"


def inbound_queue(agreement: str) -> str:
    """Name the queue and exchange of an agreement's inbound messages."""
    return f"inbound.{agreement}"


def receipts_queue(partner: str) -> str:
    """Name the queue and exchange of a partner's receipts."""
    return f"receipts.{partner}"


def queues(routes: Sequence[Route]) -> tuple[Queue, ...]:
    """List every queue of the routes, dead-letter queues before those that need them."""
    found: dict[str, Queue] = {}

    def add(name: str, exchange: str | None) -> None:
        dead = DEAD_PREFIX + name
        found.setdefault(dead, Queue(dead, {"x-queue-type": "quorum"}))
        found.setdefault(name, Queue(name, _arguments(dead), exchange))

    for route in routes:
        add(receipts_queue(route.partner), receipts_queue(route.partner))
        if route.outbound:
            add(feed_queue(route.agreement), None)
        if route.inbound:
            add(inbound_queue(route.agreement), inbound_queue(route.agreement))
    return tuple(found.values())


def declare(channel: DeclaringChannel, routes: Sequence[Route]) -> None:
    """Declare everything the routes need; the same again changes nothing."""
    for queue in queues(routes):
        channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
        if queue.exchange is not None:
            channel.exchange_declare(queue.exchange, "direct", durable=True)
            channel.queue_bind(queue.name, queue.exchange, queue.name)


def permissions(partner: str, routes: Sequence[Route]) -> Permissions:
    """Give what a partner's user may do: read its feeds, write its receipts and inbound exchanges, configure nothing."""
    own = [route for route in routes if route.partner == partner]
    write = [receipts_queue(partner)] + [inbound_queue(route.agreement) for route in own if route.inbound]
    return Permissions("^$", _either(write), _either([feed_queue(route.agreement) for route in own if route.outbound]))


def definitions(routes: Sequence[Route]) -> dict[str, object]:
    """Write the topology as RabbitMQ definitions (import_definitions); users and their secrets are not in it."""
    found = queues(routes)
    return {
        "vhosts": [{"name": VHOST}],
        "exchanges": [
            {"name": q.exchange, "vhost": VHOST, "type": "direct", "durable": True, "auto_delete": False,
             "internal": False, "arguments": {}}
            for q in found if q.exchange is not None
        ],
        "queues": [
            {"name": q.name, "vhost": VHOST, "durable": True, "auto_delete": False, "arguments": dict(q.arguments)}
            for q in found
        ],
        "bindings": [
            {"source": q.exchange, "vhost": VHOST, "destination": q.name, "destination_type": "queue",
             "routing_key": q.name, "arguments": {}}
            for q in found if q.exchange is not None
        ],
    }  # fmt: skip


def _arguments(dead: str) -> dict[str, object]:
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead,
        "x-dead-letter-strategy": "at-least-once",
    }


def _either(names: Sequence[str]) -> str:
    """Match exactly these names; nothing if there are none."""
    return f"^({'|'.join(re.escape(name) for name in names)})$" if names else "^$"
