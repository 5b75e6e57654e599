"""Test the broker's description, and that a partner's account is held to it by the real broker."""

import json
from uuid import uuid4

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from wye.errors import UsageError
from wye.exchange.broker import check, open_channel
from wye.exchange.pseudonym import pseudonym
from wye.exchange.topology import Route, declare, definitions, feed_queue, permissions, queues
from wye.local.broker import Broker

ROUTES = (Route("care", "hospital", inbound=True), Route("notices", "police", outbound=False, inbound=True))


def test_queues_every_one_is_quorum_and_every_reader_has_a_dead_letter_queue():
    found = {queue.name: queue.arguments for queue in queues(ROUTES)}

    assert {n for n in found if not n.startswith("dead.")} == {
        "feed.care", "inbound.care", "inbound.notices", "receipts.hospital", "receipts.police",
    }  # fmt: skip
    for name, arguments in found.items():
        assert arguments["x-queue-type"] == "quorum"
        if not name.startswith("dead."):
            assert arguments["x-dead-letter-routing-key"] == f"dead.{name}"
            assert arguments["x-dead-letter-routing-key"] in found
            assert arguments["x-overflow"] == "reject-publish"
            assert arguments["x-dead-letter-strategy"] == "at-least-once"
            assert isinstance(arguments["x-delivery-limit"], int)


def test_permissions_name_exactly_the_partners_own():
    assert permissions("hospital", ROUTES) == ("^$", r"^(receipts\.hospital|inbound\.care)$", r"^(feed\.care)$")
    assert permissions("police", ROUTES) == ("^$", r"^(receipts\.police|inbound\.notices)$", "^$")


@pytest.mark.parametrize("name", ["", "Care", "care.*", "a b", "dead.care", "x" * 64])
def test_route_name_that_could_reach_other_queues_is_refused(name):
    with pytest.raises(UsageError):
        Route(name, "hospital")


def test_definitions_imported_are_what_declare_makes(broker: Broker, amqp_url: str):
    mark = uuid4().hex[:8]
    routes = (Route(f"care-{mark}", f"hospital-{mark}", inbound=True),)
    with open_channel(amqp_url) as channel:
        try:
            assert len(check(amqp_url, routes)) == len(queues(routes))

            broker._ctl("import_definitions", "--format", "json", given=json.dumps(definitions(routes)))

            assert check(amqp_url, routes) == []
            declare(channel, routes)
            channel.confirm_delivery()
            queue = f"inbound.care-{mark}"
            channel.basic_publish(queue, queue, b"x", mandatory=True)
        finally:
            _remove(amqp_url, routes)


def test_check_names_what_differs_and_what_is_dead(amqp_url: str):
    mark = uuid4().hex[:8]
    routes = (Route(f"care-{mark}", f"hospital-{mark}"),)
    with open_channel(amqp_url) as channel:
        try:
            declare(channel, routes)
            channel.queue_delete(f"feed.care-{mark}")
            channel.queue_declare(f"feed.care-{mark}", durable=True, arguments={"x-queue-type": "quorum"})
            channel.confirm_delivery()
            channel.basic_publish("", f"dead.receipts.hospital-{mark}", b"x", mandatory=True)

            findings = check(amqp_url, routes)
        finally:
            _remove(amqp_url, routes)

    assert len(findings) == 2
    assert any(f"`feed.care-{mark}`" in finding and "not as described" in finding for finding in findings)
    assert any(f"`dead.receipts.hospital-{mark}` holds 1" in finding for finding in findings)


def _remove(url: str, routes: tuple[Route, ...]) -> None:
    with open_channel(url) as channel:
        for queue in queues(routes):
            channel.queue_delete(queue.name)
            if queue.exchange is not None:
                channel.exchange_delete(queue.exchange)


@pytest.mark.usefixtures("side")
def test_partner_account_is_refused_everything_but_its_own(partner_url: str, routes: tuple[Route, ...]):
    own, foreign = routes[0], routes[2]

    def attempt(action) -> int:
        connection = pika.BlockingConnection(pika.URLParameters(partner_url))
        channel = connection.channel()
        channel.confirm_delivery()
        try:
            action(channel)
        except ChannelClosedByBroker as error:
            return error.reply_code
        finally:
            connection.close()
        return 0

    allowed = [
        lambda c: c.basic_get(feed_queue(own.agreement)),
        lambda c: c.basic_publish(f"receipts.{own.partner}", f"receipts.{own.partner}", b"x", mandatory=True),
        lambda c: c.basic_publish(f"inbound.{own.agreement}", f"inbound.{own.agreement}", b"x", mandatory=True),
    ]
    refused = [
        lambda c: c.basic_get(feed_queue(foreign.agreement)),
        lambda c: c.basic_get(f"inbound.{own.agreement}"),
        lambda c: c.basic_get(f"receipts.{own.partner}"),
        lambda c: c.basic_get(f"dead.feed.{own.agreement}"),
        lambda c: c.basic_publish("", feed_queue(own.agreement), b"x"),
        lambda c: c.basic_publish("", feed_queue(foreign.agreement), b"x"),
        lambda c: c.basic_publish(f"receipts.{foreign.partner}", f"receipts.{foreign.partner}", b"x"),
        lambda c: c.basic_publish(f"inbound.{foreign.agreement}", f"inbound.{foreign.agreement}", b"x"),
        lambda c: c.queue_declare(f"mine-{own.partner}", durable=True),
        lambda c: c.queue_delete(feed_queue(own.agreement)),
        lambda c: c.queue_purge(feed_queue(foreign.agreement)),
        lambda c: c.exchange_declare(f"mine-{own.partner}"),
    ]

    assert [attempt(action) for action in allowed] == [0, 0, 0]
    assert [attempt(action) for action in refused] == [403] * len(refused)


def test_pseudonym_differs_by_partner_and_is_64_hex_digits():
    from uuid import UUID

    person = UUID(int=5)

    first, second = pseudonym(person, b"a" * 32), pseudonym(person, b"b" * 32)

    assert first != second
    assert first == pseudonym(person, b"a" * 32)
    assert len(bytes.fromhex(first)) == 32
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonym(person, b"short")
