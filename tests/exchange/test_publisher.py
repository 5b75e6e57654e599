"""Test the windowed publisher on the real broker, and its frames against pika's own."""

from collections.abc import Iterator
from uuid import uuid4

import pika
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import frame, spec

from wye.exchange.amqp_frames import Publication, frames
from wye.exchange.broker import open_channel
from wye.exchange.publisher import MessagesNotTaken, Publisher

QUORUM = {"x-queue-type": "quorum"}
SHORT = st.text(max_size=60).filter(lambda text: len(text.encode()) < 256)


@given(SHORT, SHORT, SHORT, SHORT, st.dictionaries(SHORT, st.text(max_size=80), max_size=6), st.binary(max_size=9000))
def test_frames_any_publication_equal_pikas_own(exchange, key, message_id, content_type, headers, body):
    publication = Publication(exchange, key, message_id, content_type, headers, body)

    written = frames(publication, 7, 4096)

    properties = spec.BasicProperties(content_type, headers=headers, delivery_mode=2, message_id=message_id)
    expected = frame.Method(7, spec.Basic.Publish(exchange=exchange, routing_key=key, mandatory=True)).marshal()
    expected += frame.Header(7, len(body), properties).marshal()
    room = 4096 - 8
    expected += b"".join(frame.Body(7, body[i : i + room]).marshal() for i in range(0, len(body), room))
    assert written == expected


@pytest.fixture
def queue(amqp_url: str) -> Iterator[str]:
    name = f"test.{uuid4().hex}"
    with open_channel(amqp_url) as channel:
        channel.queue_declare(name, durable=True, arguments=QUORUM)
        yield name
        channel.queue_delete(name)


def _publications(queue: str, count: int) -> list[Publication]:
    return [Publication("", queue, f"{n}", "application/jose", {"n": str(n)}, b"%d" % n * 50) for n in range(count)]


def _contents(url: str, queue: str) -> list[bytes]:
    with open_channel(url) as channel:
        found = []
        while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
            assert got[1].delivery_mode == 2
            found.append(got[2])
        return found


def test_publish_batch_many_arrive_once_in_order(amqp_url, queue):
    messages = _publications(queue, 1200)

    with Publisher(amqp_url, window=100) as publisher:
        publisher.publish_batch(messages[:700])
        publisher.publish_batch(messages[700:])

    assert _contents(amqp_url, queue) == [message.body for message in messages]


def test_publish_batch_unroutable_names_only_those(amqp_url, queue):
    messages = _publications(queue, 10)
    messages[3] = Publication("", f"{queue}-missing", "3", "application/jose", {}, b"x")

    with Publisher(amqp_url) as publisher, pytest.raises(MessagesNotTaken) as caught:
        publisher.publish_batch(messages)

    assert caught.value.failed == {3}
    assert len(_contents(amqp_url, queue)) == 9


def _publish_until_refused(publisher: Publisher, queue: str) -> None:
    for _ in range(20):
        publisher.publish_batch(_publications(queue, 6))


def test_publish_batch_full_queue_is_refused(amqp_url):
    name = f"test.{uuid4().hex}"
    limits = {**QUORUM, "x-max-length": 5, "x-overflow": "reject-publish"}
    with open_channel(amqp_url) as channel:
        channel.queue_declare(name, durable=True, arguments=limits)
        with Publisher(amqp_url) as publisher:
            publisher.publish_batch(_publications(name, 6))
            with pytest.raises(MessagesNotTaken) as caught:
                _publish_until_refused(publisher, name)
        channel.queue_delete(name)

    assert caught.value.failed


def test_publish_batch_missing_exchange_is_noticed(amqp_url):
    message = Publication(f"test.{uuid4().hex}", "", "1", "application/jose", {}, b"x")

    with Publisher(amqp_url, patience=1.0) as publisher, pytest.raises(MessagesNotTaken):
        publisher.publish_batch([message])


def test_publish_batch_message_that_cannot_be_written_is_the_callers_fault_at_once(amqp_url, queue):
    messages = _publications(queue, 3)
    messages[1] = Publication("", queue, "1", "application/jose", {"n": 5}, b"x")

    with Publisher(amqp_url) as publisher:
        with pytest.raises(AttributeError):
            publisher.publish_batch(messages)
        publisher.publish_batch(messages[:1])

    assert _contents(amqp_url, queue) == [messages[0].body]


def test_publish_batch_broker_absent_says_what_to_do():
    with (
        Publisher("amqp://guest:guest@127.0.0.1:1/wye", patience=0.5) as publisher,
        pytest.raises(MessagesNotTaken, match="wye services up") as caught,
    ):
        publisher.publish_batch(_publications("anything", 2))

    assert caught.value.failed == {0, 1}


def test_publish_batch_cut_connection_is_made_again_and_nothing_is_lost(cut, queue, amqp_url):
    messages = _publications(queue, 3000)
    parameters = pika.URLParameters(amqp_url)
    with cut(parameters.host, parameters.port, after_bytes=150_000) as port:
        url = amqp_url.replace(f":{parameters.port}/", f":{port}/")
        with Publisher(url, window=200, patience=15) as publisher:
            publisher.publish_batch(messages)

    assert set(_contents(amqp_url, queue)) == {message.body for message in messages}
