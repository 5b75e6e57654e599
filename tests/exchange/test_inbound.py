"""Test the way in: a partner's messages are landed once, whatever dies; what is not the partner's is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from exchanging import COUNCIL, Side

from wye.errors import BrokerUnavailable
from wye.exchange import inbound
from wye.exchange.broker import open_channel
from wye.exchange.identities import hub_party, load_party, make_party, read_public
from wye.partner.attributes import CONTENT_TYPE, Attributes, to_headers
from wye.partner.broker import publish
from wye.partner.config import Config
from wye.partner.send import add_lines, seal_inbound, send
from wye.store.database import connect
from wye.vocabulary import MessageKind

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def _lines(side: Side, count: int) -> list[bytes]:
    return [
        json.dumps(
            {"id": str(UUID(int=n + 1)), "agreement": side.agreement, "version": "1.0.0",
             "media_type": "application/json", "body": {"n": n}}
        ).encode()
        for n in range(count)
    ]  # fmt: skip


def _landed(conn) -> list[tuple[str, str]]:
    return conn.execute("SELECT id::text, body FROM landed_here ORDER BY id").fetchall()


def test_inbound_sent_messages_are_landed_once_and_in_order(side):
    lines = _lines(side, 45)
    with connect(side.database_url) as conn:
        assert add_lines(side.config(), [*lines, b""], AT) == 45
        assert send(side.config(), AT) == 45
        add_lines(side.config(), lines, AT)
        assert send(side.config(), AT) == 0

        counts = side.inbound(conn)

        assert (counts.landed, counts.duplicate, counts.refused) == (45, 0, 0)
        assert _landed(conn) == [(str(UUID(int=n + 1)), f'{{"n":{n}}}') for n in range(45)]
        assert conn.execute("SELECT outcome, count(*) FROM exchange.inbound GROUP BY 1").fetchall() == [("landed", 45)]


def test_inbound_same_messages_sent_again_are_duplicates_and_land_nothing(side):
    with connect(side.database_url) as conn, psycopg.connect(side.partner_database_url, autocommit=True) as partner:
        add_lines(side.config(), _lines(side, 5), AT)
        send(side.config(), AT)
        side.inbound(conn)
        partner.execute("UPDATE partner.outgoing SET sent_at = NULL")
        send(side.config(), AT)

        counts = side.inbound(conn)

        assert (counts.landed, counts.duplicate) == (0, 5)
        assert len(_landed(conn)) == 5


def test_inbound_killed_after_land_then_run_again_lands_once(side):
    with connect(side.database_url) as conn:
        add_lines(side.config(), _lines(side, 45), AT)
        send(side.config(), AT)

        killed = side.program("inbound", failpoint="receive.after_land")
        again = side.program("inbound")

        assert killed.returncode == -9
        assert again.returncode == 0, again.stderr
        assert len(_landed(conn)) == 45


def test_inbound_landing_fails_nothing_is_kept_and_messages_come_again(side):
    with connect(side.database_url) as conn:
        add_lines(side.config(), _lines(side, 3), AT)
        send(side.config(), AT)

        def land(_messages):
            raise RuntimeError("the disk is full")

        with open_channel(side.amqp_url) as channel, pytest.raises(RuntimeError):
            inbound.collect(
                conn, channel, side.agreement, hub_party(side.hub_home, COUNCIL),
                read_public(side.partner_home / "partner.json"), land, AT,
            )  # fmt: skip

        assert conn.execute("SELECT count(*) FROM exchange.inbound").fetchone() == (0,)
        assert side.inbound(conn).landed == 3


def test_inbound_bad_messages_are_refused_with_reasons_and_do_not_shadow_good_ones(side, tmp_path):
    stranger = make_party(tmp_path / "stranger", side.partner)
    hub, partner = hub_party(side.hub_home, COUNCIL), load_party(side.partner_home)
    attributes = Attributes(uuid4(), "/x", MessageKind.PUT, AT.isoformat(), "", side.agreement, "1.0.0", 1)

    def seal(signer, attributes=attributes, recipient=COUNCIL):
        return seal_inbound(
            attributes, "application/json", b"{}", recipient=recipient, signing=signer.signing,
            hub_encryption=hub.encryption,
        )  # fmt: skip

    sent = [
        (seal(stranger), attributes),
        (seal(partner)[:-4] + b"AAAA", attributes),
        (seal(partner, recipient="another-council"), attributes),
        (seal(partner), replace(attributes, id=uuid4())),
        (seal(partner, replace(attributes, agreement="other")), replace(attributes, agreement="other")),
        (b"\x00\xff", attributes),
        (seal(partner), attributes),
        (seal(partner), attributes),
    ]
    queue = f"inbound.{side.agreement}"
    with connect(side.database_url) as conn, open_channel(side.amqp_url) as channel:
        for body, claimed in sent:
            publish(channel, queue, body, CONTENT_TYPE, to_headers(claimed))
        publish(channel, queue, b"no headers", "text/plain")

        noted: dict[UUID, str] = {}
        counts = side.inbound(conn, noted.update)

        assert (counts.landed, counts.duplicate, counts.refused) == (1, 1, 7)
        assert noted == dict(
            conn.execute("SELECT id, reason FROM exchange.inbound WHERE outcome = 'refused'").fetchall()
        )
        assert _landed(conn) == [(str(attributes.id), "{}")]
        reasons = conn.execute("SELECT reason FROM exchange.inbound WHERE outcome = 'refused'").fetchall()
        assert len(reasons) == 7
        assert all(reason for (reason,) in reasons)
        dead = [channel.basic_get(f"dead.{queue}", auto_ack=True)[2] for _ in range(7)]
        assert set(dead) == {body for body, _ in sent[:6]} | {b"no headers"}


def test_inbound_refusal_that_cannot_be_noted_is_not_kept_and_comes_again(side):
    headers = to_headers(Attributes(uuid4(), "/x", MessageKind.PUT, AT.isoformat(), "", side.agreement, "1.0.0", 1))
    with connect(side.database_url) as conn:
        with open_channel(side.amqp_url) as channel:
            publish(channel, f"inbound.{side.agreement}", b"\x00", CONTENT_TYPE, headers)

        def note(_refused):
            raise RuntimeError("no entry can be written")

        with pytest.raises(RuntimeError):
            side.inbound(conn, note)

        assert conn.execute("SELECT count(*) FROM exchange.inbound").fetchone() == (0,)
        assert side.inbound(conn).refused == 1


def test_send_under_an_agreement_without_inbound_half_is_refused_and_kept(side):
    config = side.config().model_copy(update={"inbound": (side.agreement, side.other_agreement)})
    line = _lines(side, 1)[0].replace(side.agreement.encode(), side.other_agreement.encode())
    add_lines(config, [line], AT)

    with pytest.raises(BrokerUnavailable):
        send(config, AT)

    with psycopg.connect(side.partner_database_url) as conn:
        assert conn.execute("SELECT count(*) FROM partner.outgoing WHERE sent_at IS NULL").fetchone() == (1,)


@pytest.mark.parametrize(
    "line", [b"not json", b"[]", b'{"id":"x"}', b'{"id":"1","agreement":"a","version":"1","media_type":"m","body":{}}']
)
def test_add_lines_wrong_line_is_named_without_its_content(side, line):
    from wye.errors import UsageError

    with pytest.raises(UsageError, match="line 2") as caught:
        add_lines(Config.load(side.partner_config), [_lines(side, 1)[0], line], AT)

    assert line.decode() not in str(caught.value)
    assert caught.value.__suppress_context__
