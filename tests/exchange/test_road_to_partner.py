"""Test the whole exchange on the real broker and database: outbox to held, receipt to delivered."""

import json
from dataclasses import replace

import pytest
from exchanging import AT, Side, body_of, held, payloads, rows_for, send_all, states

from wye.errors import BrokerUnavailable
from wye.exchange.broker import open_channel
from wye.exchange.outbox import OutboxRow, enqueue
from wye.exchange.publisher import Publisher
from wye.exchange.relay import Verdict, relay
from wye.exchange.topology import feed_queue
from wye.partner.consumer import Consumer
from wye.store.database import connect
from wye.store.ids import uuid7

ENTRIES = [(f"s{n % 30}", n, "put") for n in range(100)] + [("s3", 0, "withdraw"), ("s4", 7, "correct")]
EXPECTED = {f"s{n}": 90 + n if n < 10 else 60 + n for n in range(30)} | {"s4": 7}


def _expected(side: Side) -> dict[tuple[str, str], str]:
    return {(side.agreement, s): body_of(s, v).decode() for s, v in EXPECTED.items() if s != "s3"}


def _bodies(side: Side) -> dict[tuple[str, str], str]:
    return {key: body for key, (_, body) in held(side).items()}


def test_exchange_undisturbed_delivers_everything_once(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, ENTRIES)

        published = sum(result.published for result in side.relay(conn))
        counts = Consumer(side.config()).run_once()
        receipts = side.receipts(conn)

        assert published == counts.applied == receipts.delivered == len(ENTRIES)
        assert (counts.waiting, counts.refused, counts.keys, receipts.not_believed) == (0, 0, 1, [])
        assert states(conn) == {"delivered": len(ENTRIES)}
    assert _bodies(side) == _expected(side)


def test_exchange_signed_messages_are_required_and_accepted(side):
    config = side.config()
    config = config.model_copy(
        update={"feeds": tuple(f.model_copy(update={"signature_required": True}) for f in config.feeds)}
    )
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put")])
        side.relay(conn, feed=side.feed(sign_each=True))
        rows_for(conn, side, [("b", 1, "put")])
        side.relay(conn)

        counts = Consumer(config).run_once()

    assert (counts.applied, counts.unopened) == (1, 1)
    assert set(held(side)) == {(side.agreement, "a")}


@pytest.mark.parametrize("failpoint", ["relay.after_numbering", "relay.after_publish"])
def test_relay_killed_then_run_again_delivers_the_same_set_once(side, failpoint):
    with connect(side.database_url) as conn:
        rows_for(conn, side, ENTRIES)

        killed = side.program("relay", failpoint=failpoint)
        before = states(conn)
        again = side.program("relay")
        Consumer(side.config()).run_once()
        side.receipts(conn)

        assert killed.returncode == -9
        assert before["numbered"] == 40
        assert again.returncode == 0, again.stderr
        assert states(conn) == {"delivered": len(ENTRIES)}
    assert _bodies(side) == _expected(side)


def test_receipts_killed_before_commit_then_run_again_are_stored(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, ENTRIES)
        side.relay(conn)
        Consumer(side.config()).run_once()

        killed = side.program("receipts", failpoint="receipt.before_commit")
        before = states(conn)
        again = side.program("receipts")

        assert killed.returncode == -9
        assert before == {"published": len(ENTRIES)}
        assert again.returncode == 0, again.stderr
        assert states(conn) == {"delivered": len(ENTRIES)}


def test_relay_numbers_are_dense_per_subject_over_agreements(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put"), ("b", 1, "put"), ("a", 2, "correct")])
        rows_for(conn, side, [("a", 3, "put")], side.other_agreement)
        side.relay(conn)
        side.relay(conn, feed=side.feed(side.other_agreement))

        found = conn.execute(
            "SELECT subject, array_agg(sequence ORDER BY sequence) FROM exchange.outbox GROUP BY subject ORDER BY subject"
        ).fetchall()
        counts = Consumer(side.config()).run_once()

    assert found == [("a", [1, 2, 3]), ("b", [1])]
    assert (counts.applied, counts.waiting) == (4, 0)


def test_relay_rejected_row_has_no_number_and_recipient_state_is_put_back(side):
    with connect(side.database_url) as conn:
        first, second = rows_for(conn, side, [("a", 1, "put"), ("a", 2, "correct")])
        (alone,) = rows_for(conn, side, [("b", 1, "put")])

        def redecide(rows: list[OutboxRow]) -> list[Verdict]:
            return [
                Verdict.reject("consent withdrawn") if r.id in (second.id, alone.id) else Verdict.send() for r in rows
            ]

        side.relay(conn, redecide=redecide)

        found = conn.execute(
            "SELECT id, state, reason, sequence FROM exchange.outbox ORDER BY created_at, id"
        ).fetchall()
        state = conn.execute("SELECT outbox FROM exchange.recipient_state").fetchall()
    assert set(found) == {
        (first.id, "published", None, 1),
        (second.id, "rejected", "consent withdrawn", None),
        (alone.id, "rejected", "consent withdrawn", None),
    }
    assert state == [(first.id,)]


def test_relay_superseded_row_gives_way_to_the_new_one(side):
    with connect(side.database_url) as conn:
        (old,) = rows_for(conn, side, [("a", 1, "put")])
        made: list[OutboxRow] = []

        def redecide(rows: list[OutboxRow]) -> list[Verdict]:
            if made:
                return send_all(rows)
            body = body_of("a", 2)
            made.append(replace(old, id=uuid7(), sealed=body, created_at=AT))
            enqueue(conn, made)
            return [Verdict.supersede(made[0].id)]

        side.relay(conn, redecide=redecide)
        Consumer(side.config()).run_once()

        found = conn.execute(
            "SELECT state, superseded_by, sequence FROM exchange.outbox WHERE id = %s", (old.id,)
        ).fetchone()
    assert found == ("superseded", made[0].id, None)
    assert _bodies(side) == {(side.agreement, "a"): body_of("a", 2).decode()}


def test_relay_decides_again_only_on_rows_without_number(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put")])
        side.program("relay", failpoint="relay.after_numbering")

        def never(_rows: list[OutboxRow]) -> list[Verdict]:
            raise AssertionError("a numbered row was decided again")

        results = side.relay(conn, redecide=never)

    assert sum(result.published for result in results) == 1


def test_relay_erased_payload_is_rejected_and_a_numbered_one_is_voided(side):
    with connect(side.database_url) as conn:
        _, later = rows_for(conn, side, [("a", 1, "put"), ("a", 2, "put")])
        side.program("relay", failpoint="relay.after_numbering")
        rows_for(conn, side, [("b", 1, "put")])

        def open_payload(rows):
            return [p if row.id == later.id else None for row, p in zip(rows, payloads(rows), strict=True)]

        (first, _) = side.relay(conn, open_payload=open_payload)
        counts = Consumer(side.config()).run_once()
        receipts = side.receipts(conn)

        found = conn.execute(
            "SELECT subject, state, sequence FROM exchange.outbox ORDER BY created_at, subject, id"
        ).fetchall()
    assert (first.published, first.rejected, first.voided) == (1, 1, 1)
    assert sorted(found) == [("a", "delivered", 2), ("a", "rejected", 1), ("b", "rejected", None)]
    assert (counts.waiting, receipts.not_believed) == (0, [])
    assert _bodies(side) == {(side.agreement, "a"): body_of("a", 2).decode()}


def test_relay_subject_with_a_locked_earlier_row_waits_and_others_go(side):
    with connect(side.database_url) as conn, connect(side.database_url) as other:
        first, _, _ = rows_for(conn, side, [("a", 1, "put"), ("b", 1, "put"), ("a", 2, "put")])
        with other.transaction():
            other.execute("SELECT 1 FROM exchange.outbox WHERE id = %s FOR UPDATE", (first.id,))
            with Publisher(side.amqp_url) as publisher:
                during = relay(conn, publisher, side.feed(), redecide=send_all, open_payload=payloads, at=AT, batch=10)
        side.relay(conn)
        counts = Consumer(side.config()).run_once()

    assert during.published == 1
    assert (counts.applied, counts.waiting) == (3, 0)


def test_relay_while_another_is_at_work_does_nothing(side):
    with connect(side.database_url) as conn, connect(side.database_url) as other:
        rows_for(conn, side, [("a", 1, "put")])
        with Publisher(side.amqp_url) as publisher:

            def redecide(rows: list[OutboxRow]) -> list[Verdict]:
                inner = relay(other, publisher, side.feed(), redecide=send_all, open_payload=payloads, at=AT, batch=10)
                assert inner.taken == 0
                return send_all(rows)

            outer = relay(conn, publisher, side.feed(), redecide=redecide, open_payload=payloads, at=AT, batch=10)

    assert outer.published == 1


def test_relay_broker_down_keeps_everything_and_says_what_to_do(side):
    down = "amqp://guest:guest@127.0.0.1:1/wye"
    with connect(side.database_url) as conn:
        rows_for(conn, side, ENTRIES)
        with pytest.raises(BrokerUnavailable, match="wye services up"):
            side.relay(conn, amqp_url=down, patience=0.3)
        before = states(conn)

        side.relay(conn)
        Consumer(side.config()).run_once()

        assert before == {"waiting": len(ENTRIES)}
    assert _bodies(side) == _expected(side)


def test_relay_missing_queue_is_noticed_and_rows_stay_numbered(side):
    with connect(side.database_url) as conn:
        side.relay(conn)
        rows_for(conn, side, [("a", 1, "put")], agreement="no-such-feed")
        feed = side.feed("no-such-feed")
        with pytest.raises(BrokerUnavailable, match="wye broker check"):
            side.relay(conn, feed=feed)

        # The key was not handed over either: it will be, before the first message under it.
        announced = conn.execute(
            "SELECT announced_at FROM exchange.session_key WHERE agreement = 'no-such-feed'"
        ).fetchone()
        assert (announced, states(conn)) == ((None,), {"waiting": 1})


def test_session_key_rotates_by_count_and_the_partner_has_each_key_first(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, ENTRIES)
        side.relay(conn, feed=side.feed(most_messages=50), batch=20)

        keys = conn.execute("SELECT count(*), max(messages) FROM exchange.session_key").fetchone()
        counts = Consumer(side.config()).run_once()

    assert keys is not None
    assert keys[0] == 3
    assert keys[1] <= 50
    assert (counts.keys, counts.unopened, counts.applied) == (3, 0, len(ENTRIES))


def test_message_in_the_queue_shows_the_broker_no_content(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put")])
        side.relay(conn)
    with open_channel(side.amqp_url) as channel:
        found = []
        while (got := channel.basic_get(feed_queue(side.agreement), auto_ack=True))[0] is not None:
            found.append(got)

    assert [got[1].headers["cloudEvents:type"] for got in found] == ["uk.wye.key.v1", "uk.wye.put.v1"]
    assert all(got[1].content_type == "application/jose" and got[1].delivery_mode == 2 for got in found)
    assert not any(word in got[2] for got in found for word in (b"caf", b"version", json.dumps("a").encode()))


def note(size: int) -> str:
    return f"wye.arrowshire.example/log\n{size}\nroot\n\n— signature\n"


def test_partner_holds_the_longest_log_it_was_brought_and_gives_it_back(side):
    with connect(side.database_url) as conn:
        for subject, brought in (("a", note(5)), ("b", note(12)), ("c", note(7)), ("d", "no checkpoint")):
            rows_for(conn, side, [(subject, 1, "put")])
            side.relay(conn, checkpoint=brought)
        Consumer(side.config()).run_once()

        assert side.receipts(conn).checkpoints == {note(12)}

        rows_for(conn, side, [("e", 1, "put")])
        side.relay(conn)
        Consumer(side.config()).run_once()

        assert side.receipts(conn).checkpoints == {note(12)}
