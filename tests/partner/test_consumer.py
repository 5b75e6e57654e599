"""Test the reference partner as its own process on the real broker and its own database."""

import json
import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from exchanging import ROOT, Side, body_of, held, rows_for, states

from wye.exchange.amqp_frames import Publication
from wye.exchange.broker import open_channel
from wye.exchange.publisher import Publisher
from wye.exchange.topology import feed_queue
from wye.partner.consumer import Applied, Consumer
from wye.partner.receipt import Receipt, sign_receipt
from wye.store.database import connect
from wye.vocabulary import ReceiptOutcome

ENTRIES = [(f"s{n % 30}", n, "put") for n in range(110)]


def _inbox(side: Side) -> int:
    with psycopg.connect(side.partner_database_url) as conn:
        row = conn.execute("SELECT count(*) FROM partner.inbox").fetchone()
    return row[0] if row else 0


def _taken(side: Side) -> list[tuple[dict, bytes]]:
    """Take everything off the feed, as a broker that is not to be trusted could."""
    with open_channel(side.amqp_url) as channel:
        found = []
        while (got := channel.basic_get(feed_queue(side.agreement), auto_ack=True))[0] is not None:
            headers = {name: text for name, text in got[1].headers.items() if name.startswith("cloudEvents:")}
            found.append((headers, got[2]))
        return found


def _put_back(side: Side, messages: list[tuple[dict, bytes]]) -> None:
    with Publisher(side.amqp_url) as publisher:
        publisher.publish_batch(
            [
                Publication("", feed_queue(side.agreement), str(n), "application/jose", headers, body)
                for n, (headers, body) in enumerate(messages)
            ]
        )


def test_partner_process_once_prints_counts_and_no_body(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, ENTRIES)
        side.relay(conn)

        ran = side.partner_program("--config", str(side.partner_config), "--once")

        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)["applied"] == len(ENTRIES)
        assert ran.stderr == ""
        assert "caf" not in ran.stdout
        assert side.receipts(conn).delivered == len(ENTRIES)


def test_partner_killed_after_apply_then_run_again_applies_once_and_receipts_all(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, ENTRIES)
        side.relay(conn)

        killed = side.partner_program("--config", str(side.partner_config), "--once", failpoint="deliver.after_apply")
        applied_first = _inbox(side)
        receipts_first = side.receipts(conn).delivered
        again = side.partner_program("--config", str(side.partner_config), "--once")

        assert killed.returncode == -9
        assert 0 < applied_first < len(ENTRIES)
        assert receipts_first == 0
        assert json.loads(again.stdout)["applied"] == len(ENTRIES) - applied_first
        assert _inbox(side) == len(ENTRIES)
        side.receipts(conn)
        assert states(conn) == {"delivered": len(ENTRIES)}
    assert {key[1]: body for key, (_, body) in held(side).items()} == {s: body_of(s, v).decode() for s, v, _ in ENTRIES}


def test_partner_lost_receipts_of_waiting_messages_are_sent_after_a_crash(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put"), ("a", 2, "put")])
        side.relay(conn)
        key, first, second = _taken(side)
        _put_back(side, [key, second])
        waited = Consumer(side.config()).run_once()
        _put_back(side, [first])

        side.partner_program("--config", str(side.partner_config), "--once", failpoint="deliver.after_apply")
        Consumer(side.config()).run_once()
        receipts = side.receipts(conn)

        assert (waited.applied, waited.waiting) == (0, 1)
        assert receipts.delivered == 2
        assert states(conn) == {"delivered": 2}


def test_partner_replayed_and_reordered_messages_change_nothing(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put"), ("a", 2, "put"), ("b", 1, "put")])
        side.relay(conn)
        key, *messages = _taken(side)
        _put_back(side, [key, *reversed(messages), *messages])

        first = Consumer(side.config()).run_once()
        _put_back(side, [messages[0], key])
        second = Consumer(side.config()).run_once()
        side.receipts(conn)

        assert (first.applied, second.applied, second.again) == (3, 0, 1)
        assert states(conn) == {"delivered": 3}
    assert held(side)[side.agreement, "a"] == (2, body_of("a", 2).decode())


def test_partner_tampered_and_swapped_messages_are_refused_and_their_numbers_closed(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put"), ("b", 1, "put"), ("c", 1, "put"), ("a", 2, "put")])
        side.relay(conn)
        key, a1, b1, c1, a2 = _taken(side)
        altered = (a1[0], a1[1][:-30] + b"AAAA" + a1[1][-26:])
        _put_back(side, [key, altered, (b1[0], c1[1]), (c1[0], b1[1]), a2])

        counts = Consumer(side.config()).run_once()
        receipts = side.receipts(conn)
        voided = side.relay(conn)
        after = Consumer(side.config()).run_once()
        side.receipts(conn)

        assert (counts.applied, counts.unopened, counts.waiting) == (0, 3, 1)
        assert (receipts.refused, len(receipts.refused_messages)) == (3, 3)
        assert sum(result.voided for result in voided) == 3
        assert (after.applied, after.waiting) == (4, 0)
        assert states(conn) == {"rejected": 3, "delivered": 1}
        state = conn.execute(
            "SELECT subject FROM exchange.recipient_state s JOIN exchange.outbox o ON o.id = s.outbox"
        ).fetchall()
        assert state == [("a",)]
    assert held(side) == {(side.agreement, "a"): (2, body_of("a", 2).decode())}


def test_partner_message_on_the_wrong_feed_is_refused(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put")])
        side.relay(conn)
        moved = _taken(side)
        with Publisher(side.amqp_url) as publisher:
            publisher.publish_batch(
                [
                    Publication("", feed_queue(side.other_agreement), str(n), "application/jose", headers, body)
                    for n, (headers, body) in enumerate(moved)
                ]
            )

        counts = Consumer(side.config()).run_once()

    assert (counts.applied, counts.keys, counts.unopened) == (0, 0, 2)
    assert held(side) == {}


def test_partner_unreadable_body_is_refused_and_the_hub_knows(side):
    def refuse(_media_type: str, body: bytes) -> None:
        from wye.errors import BadInput

        if b'"b"' in body:
            raise BadInput("no such form")

    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put"), ("b", 1, "put")])
        side.relay(conn)

        counts = Consumer(side.config(), check_body=refuse).run_once()
        receipts = side.receipts(conn)

        found = conn.execute("SELECT subject, state, reason FROM exchange.outbox ORDER BY subject").fetchall()
    assert (counts.applied, counts.refused, receipts.refused) == (1, 1, 1)
    assert found == [("a", "delivered", None), ("b", "rejected", "refused by the partner: unreadable")]


def test_consumer_as_library_failing_callback_applies_nothing_and_comes_again(side):
    told: list[list[Applied]] = []

    def fail(_applied: list[Applied]) -> None:
        raise RuntimeError("finance is closed")

    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put"), ("b", 1, "put")])
        side.relay(conn)
        with pytest.raises(RuntimeError):
            Consumer(side.config(), fail).run_once()
        before = held(side)
        Consumer(side.config(), told.append).run_once()

    assert before == {}
    assert [(m.subject, m.sequence, m.kind.value) for batch in told for m in batch] == [
        ("a", 1, "put"),
        ("b", 1, "put"),
    ]
    assert told[0][0].body == body_of("a", 1)


def test_receipts_false_forged_and_foreign_are_not_believed(side, tmp_path):
    from wye.exchange.identities import load_party, make_party

    partner, stranger = load_party(side.partner_home), make_party(tmp_path / "stranger", side.partner)
    with connect(side.database_url) as conn:
        (row,) = rows_for(conn, side, [("a", 1, "put")])
        side.relay(conn)
        good = Receipt(row.id, row.body_hash.hex(), ReceiptOutcome.APPLIED, row.created_at, 1)
        false = [
            sign_receipt(good, stranger.signing),
            sign_receipt(Receipt(row.id, "00" * 32, good.outcome, good.at, 1), partner.signing),
            sign_receipt(Receipt(row.id, good.body_hash, good.outcome, good.at, 2), partner.signing),
            sign_receipt(Receipt(row.audit_id, good.body_hash, good.outcome, good.at, 1), partner.signing),
            "\x00 rubbish",
        ]
        queue = f"receipts.{side.partner}"
        with Publisher(side.amqp_url) as publisher:
            publisher.publish_batch(
                [Publication(queue, queue, str(n), "x", {}, text.encode()) for n, text in enumerate(false)]
            )
        first = side.receipts(conn)
        before = states(conn)
        with Publisher(side.amqp_url) as publisher:
            text = sign_receipt(good, partner.signing).encode()
            publisher.publish_batch([Publication(queue, queue, str(n), "x", {}, text) for n in range(2)])
        second = side.receipts(conn)

        assert (first.delivered, len(first.not_believed)) == (0, 5)
        assert before == {"published": 1}
        assert (second.delivered, second.duplicate, second.not_believed) == (1, 1, [])
    with open_channel(side.amqp_url) as channel:
        assert all(channel.basic_get(f"dead.{queue}", auto_ack=True)[0] is not None for _ in range(5))


def test_partner_process_runs_until_sigterm(side):
    with connect(side.database_url) as conn:
        rows_for(conn, side, [("a", 1, "put")])
        side.relay(conn)
        process = subprocess.Popen(
            [sys.executable, "-m", "wye.partner", "--config", str(side.partner_config)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 30
            while side.receipts(conn).delivered == 0:
                assert time.monotonic() < deadline, "the partner never receipted"
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()

    assert process.returncode == 0
    assert json.loads(out)["applied"] == 1
    assert err == ""


def test_partner_process_broker_down_says_so_in_one_line(side):
    config = json.loads(side.partner_config.read_text()) | {"amqp_url": "amqp://someone:secret@127.0.0.1:1/wye"}
    side.partner_config.write_text(json.dumps(config))

    ran = side.partner_program("--config", str(side.partner_config), "--once")

    assert ran.returncode == 3
    assert len(ran.stderr.splitlines()) == 1
    assert "amqp_url" in ran.stderr
    assert "secret" not in ran.stderr + ran.stdout


def test_partner_process_wrong_setting_is_named_and_its_value_is_not(side):
    config = json.loads(side.partner_config.read_text()) | {"amqp_urll": "amqp://someone:secret@host/wye"}
    side.partner_config.write_text(json.dumps(config))

    ran = side.partner_program("--config", str(side.partner_config), "--once")

    assert ran.returncode == 2
    assert "amqp_urll" in ran.stderr
    assert "secret" not in ran.stderr + ran.stdout


def test_partner_init_and_send_as_a_partner_would(side, tmp_path):
    made = side.partner_program("init", "--home", str(tmp_path / "new"), "--name", "another-trust")
    notices = tmp_path / "notices.jsonl"
    notices.write_text(
        json.dumps(
            {"id": "01935a6e-0000-7000-8000-000000000009", "agreement": side.agreement, "version": "1.0.0",
             "media_type": "application/json", "body": {"kind": "admission"}}
        )
    )  # fmt: skip

    sent = [
        side.partner_program("send", "--config", str(side.partner_config), "--file", str(notices)) for _ in range(2)
    ]

    assert json.loads((tmp_path / "new" / "partner.json").read_text())["name"] == "another-trust"
    assert made.returncode == 0, made.stderr
    assert [json.loads(ran.stdout)["sent"] for ran in sent] == [1, 0]
    with connect(side.database_url) as conn:
        assert side.inbound(conn).landed == 1


def test_partner_imports_nothing_of_the_hub_but_words_and_errors():
    code = (
        "import sys, pkgutil, importlib, wye.partner\n"
        "[importlib.import_module('wye.partner.' + m.name) for m in pkgutil.iter_modules(wye.partner.__path__)]\n"
        "ours = {m for m in sys.modules if m.startswith(('wye.', 'schemas', 'connectors'))}\n"
        "print(sorted(m for m in ours if not m.startswith('wye.partner')))"
    )

    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "['wye.errors', 'wye.failpoints', 'wye.vocabulary']"
