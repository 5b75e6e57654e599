"""Give tests a hub and a partner with a real account on the broker; one account and its queues to a session."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from exchanging import COUNCIL, Side

from wye.exchange.broker import open_channel
from wye.exchange.identities import hub_party, make_party
from wye.exchange.topology import Route, declare, permissions, queues
from wye.local.broker import Broker
from wye.local.cluster import Cluster


@pytest.fixture(scope="session")
def routes() -> tuple[Route, ...]:
    """Two agreements with one partner, and one with another."""
    mark = uuid4().hex[:8]
    return (
        Route(f"care-{mark}", f"hospital-{mark}", inbound=True),
        Route(f"ward-{mark}", f"hospital-{mark}"),
        Route(f"safety-{mark}", f"police-{mark}", inbound=True),
    )


@pytest.fixture(scope="session")
def partner_url(broker: Broker, amqp_url: str, routes: tuple[Route, ...]) -> Iterator[str]:
    """URL of the partner's own account; all queues are declared."""
    partner = routes[0].partner
    with open_channel(amqp_url) as channel:
        declare(channel, routes)
    broker.add_user(partner, "invented", *permissions(partner, routes))
    head, tail = amqp_url.rsplit("@", 1)
    yield f"{head.split('://', 1)[0]}://{partner}:invented@{tail}"
    broker.remove_user(partner)
    with open_channel(amqp_url) as channel:
        for queue in queues(routes):
            channel.queue_delete(queue.name)
            if queue.exchange is not None:
                channel.exchange_delete(queue.exchange)


@pytest.fixture
def side(
    tmp_path: Path, database_url: str, amqp_url: str, partner_url: str, routes: tuple[Route, ...], cluster: Cluster
) -> Iterator[Side]:
    """A hub and a partner with keys, empty databases and empty queues."""
    with open_channel(amqp_url) as channel:
        for queue in queues(routes):
            channel.queue_purge(queue.name)
    name = f"test_partner_{uuid4().hex}"
    one = Side(
        database_url,
        amqp_url,
        cluster.create_database(name),
        partner_url,
        str(tmp_path),
        routes[0].agreement,
        routes[1].agreement,
        routes[0].partner,
    )
    hub_party(one.hub_home, COUNCIL)
    make_party(one.partner_home, one.partner)
    one.save()
    yield one
    cluster.drop_database(name)
