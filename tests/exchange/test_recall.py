"""What was sent is called back over the real broker, answered by the partner's own program, and shown while it is open."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from county_hub import hub_on_database
from exchange_fixtures import partner_url, routes, side
from exchanging import Side, held, person_of, rows_for, send_all, states
from shredding import disclosed, known

from wye import bootstrap
from wye.audit.search import search
from wye.cli.main import run
from wye.errors import UsageError
from wye.exchange import receipts
from wye.exchange.broker import open_channel
from wye.exchange.identities import make_party, read_public
from wye.exchange.outbox import OutboxRow
from wye.exchange.relay import Say, Verdict
from wye.partner.broker import publish
from wye.partner.key_pairs import load_party
from wye.partner.receipt import RECEIPTS_CONTENT_TYPE, Receipt, sign_receipt
from wye.road.hub import Hub
from wye.road.recall import answers, rows
from wye.road.recall.send import Wanted, recall
from wye.road.relay import beside_recalls, open_payloads
from wye.settings import Settings
from wye.sharing.due import mark_due, take_due
from wye.vocabulary import EventKind, RecallAnswer, RecallGround, ReceiptOutcome

__all__ = ["partner_url", "routes", "side"]
pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
Wye = Callable[..., tuple[int, Any, str]]
WHO = ("the data protection officer", "the wrong file was mapped")


@pytest.fixture
def hub(side: Side, tmp_path: Path) -> Iterator[Hub]:
    with hub_on_database(side.database_url, tmp_path / "hub-home") as one:
        one.actor = "anna"
        yield one


@pytest.fixture
def sent(hub: Hub, side: Side) -> list[OutboxRow]:
    """Two subjects whom the partner holds."""
    made = rows_for(hub.conn, side, [("ash", 1, "put"), ("bramble", 1, "put")])
    side.relay(hub.conn)
    consume(side)
    side.receipts(hub.conn)
    assert states(hub.conn) == {"delivered": 2}
    return made


def consume(side: Side) -> None:
    done = side.partner_program("--config", str(side.partner_config), "--once")
    assert done.returncode == 0, done.stderr


def relayed(hub: Hub, side: Side) -> None:
    def redecide(waiting: Sequence[OutboxRow]) -> Sequence[Verdict]:
        known_of = beside_recalls(hub, side.agreement, waiting)
        return [known_of.get(row.id) or send_all([row])[0] for row in waiting]

    side.relay(hub.conn, redecide=redecide, open_payload=lambda going: open_payloads(hub, "application/json", going))


def collected(hub: Hub, side: Side) -> receipts.ReceiptCounts:
    at = hub.at()
    with open_channel(side.amqp_url) as channel:
        return receipts.collect(
            hub.conn, channel, read_public(side.partner_home / "partner.json"), at,
            on_answers=lambda found: answers.note_answers(hub, found, at),
        )  # fmt: skip


def events(hub: Hub, person: UUID) -> list[Any]:
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    return [each.event for each in found if each.event is not None and each.event.purpose == "feeds recall"]


def test_recall_is_sent_and_answered_and_what_was_held_is_gone(hub: Hub, side: Side, sent: list[OutboxRow]) -> None:
    done = recall(hub, Wanted(message=sent[0].id), RecallGround.SENT_IN_ERROR, *WHO)
    assert (done.by_feed, done.by_hand, done.cancelled) == (1, 0, 0)
    (line,) = rows.lines(hub.conn)
    assert (line.person, line.recipient, line.answer, line.state) == (sent[0].person, side.partner, None, "waiting")

    relayed(hub, side)
    consume(side)
    counts = collected(hub, side)

    assert (counts.answered, counts.not_believed) == (1, [])
    assert set(held(side)) == {(side.agreement, "bramble")}
    (line,) = rows.lines(hub.conn)
    assert (line.answer, line.answered_by, line.state) == ("deleted", side.partner, "delivered")
    assert [one.person for one in rows.held(hub.conn, agreement=side.agreement)] == [sent[1].person]
    asked, answered = events(hub, sent[0].person)
    assert (asked.kind, asked.outcome, asked.reasons, asked.actor) == (
        EventKind.DISCLOSURE, "withdraw", ("recall", "sent-in-error"), "anna",
    )  # fmt: skip
    assert (answered.kind, answered.outcome, answered.actor) == (EventKind.RECEIPT, "deleted", side.partner)
    assert collected(hub, side).answered == 0


def test_partner_whose_people_answer_keeps_it_until_they_do_and_may_say_why_it_stays(
    hub: Hub, side: Side, sent: list[OutboxRow]
) -> None:
    config = json.loads(side.save().with_name("partner").joinpath("config.json").read_text())
    config["feeds"][0]["on_recall"] = "ask"
    side.partner_config.write_text(json.dumps(config))
    recall(hub, Wanted(agreement=side.agreement, since=sent[0].created_at), RecallGround.ERASURE, *WHO)
    relayed(hub, side)
    consume(side)
    assert collected(hub, side).answered == 0
    assert len(held(side)) == 2
    words = ("--config", str(side.partner_config))
    waiting = json.loads(side.partner_program("recalls", *words).stdout)
    assert {(each["subject"], each["ground"]) for each in waiting} == {("ash", "erasure"), ("bramble", "erasure")}
    ids = {each["subject"]: each["id"] for each in waiting}

    side.partner_program("answer", ids["ash"], "kept-under-own-duty", *words)
    side.partner_program("answer", ids["bramble"], "returned", *words)
    consume(side)

    assert collected(hub, side).answered == 2
    assert {(line.person, line.answer) for line in rows.lines(hub.conn)} == {
        (person_of("ash"), "kept-under-own-duty"),
        (person_of("bramble"), "returned"),
    }
    assert set(held(side)) == {(side.agreement, "ash")}
    assert side.partner_program("answer", str(uuid4()), "deleted", *words).returncode == 2


def test_nothing_new_of_the_person_goes_while_the_recall_is_open(hub: Hub, side: Side, sent: list[OutboxRow]) -> None:
    (newer, other) = rows_for(hub.conn, side, [("ash", 2, "correct"), ("bramble", 2, "correct")])
    done = recall(hub, Wanted(message=sent[0].id), RecallGround.RESTRICTION, *WHO)
    assert done.cancelled == 1, "what waited for them is never sent"
    mark_due(hub.conn, [side.agreement], [newer.person, other.person], "identity", hub.at())
    (late,) = rows_for(hub.conn, side, [("ash", 3, "correct")])

    with hub.conn.transaction():
        assert take_due(hub.conn, side.agreement, 10, hub.at()) == (other.person,)
    verdicts = beside_recalls(hub, side.agreement, [late, other])
    assert (verdicts[late.id].say, other.id in verdicts) == (Say.WAIT, False)

    (line,) = rows.lines(hub.conn)
    answers.answer(hub, line.id, RecallAnswer.CANNOT, "their letter of today")
    with hub.conn.transaction():
        assert take_due(hub.conn, side.agreement, 10, hub.at()) == (newer.person,)
    assert beside_recalls(hub, side.agreement, [late]) == {}


def test_rectification_asks_nothing_back_and_each_correction_is_decided_anew(
    hub: Hub, side: Side, sent: list[OutboxRow]
) -> None:
    hub.agreements = {side.agreement: hub.agreements["adult-care-acute"]}  # what is in force under that name

    done = recall(hub, Wanted(message=sent[0].id), RecallGround.RECTIFICATION, *WHO)

    assert (done.by_feed, done.decided_anew) == (0, 1)
    assert rows.lines(hub.conn) == []
    with hub.conn.transaction():
        assert take_due(hub.conn, side.agreement, 10, hub.at()) == (sent[0].person,)


def test_recall_asks_each_once_and_says_what_it_needs(hub: Hub, sent: list[OutboxRow]) -> None:
    recall(hub, Wanted(message=sent[0].id), RecallGround.ERASURE, *WHO)

    for wanted, said in (
        (Wanted(message=sent[0].id), "asked already"),
        (Wanted(message=uuid4()), "no recipient is known to hold"),
        (Wanted(), "say what is called back"),
        (Wanted(since=hub.at()), "say what is called back|goes with"),
        (Wanted(person=uuid4()), "nobody is known"),
    ):
        with pytest.raises(UsageError, match=said):
            recall(hub, wanted, RecallGround.ERASURE, *WHO)
    with pytest.raises(UsageError, match="who asked"):
        recall(hub, Wanted(message=sent[1].id), RecallGround.ERASURE, "", "why")


@pytest.mark.parametrize("wrong", ["signed by another", "of another sequence", "of other bytes"])
def test_answer_that_does_not_fit_what_was_asked_is_not_taken(
    hub: Hub,
    side: Side,
    sent: list[OutboxRow],
    wrong: str,
) -> None:
    recall(hub, Wanted(message=sent[0].id), RecallGround.ERASURE, *WHO)
    relayed(hub, side)
    (line,) = rows.lines(hub.conn)
    assert line.message is not None
    found = hub.conn.execute(
        "SELECT body_hash, sequence FROM exchange.outbox WHERE id = %s", (line.message,)
    ).fetchone()
    assert found is not None
    home = side.partner_home
    party = make_party(home / "forger", side.partner) if wrong == "signed by another" else load_party(home)
    receipt = Receipt(
        line.message,
        "00" * 32 if wrong == "of other bytes" else bytes(found[0]).hex(),
        ReceiptOutcome.APPLIED,
        hub.at(),
        int(str(found[1])) + (wrong == "of another sequence"),
        None,
        RecallAnswer.DELETED,
    )
    with open_channel(side.amqp_url) as channel:
        body = sign_receipt(receipt, party.signing).encode()
        publish(channel, f"receipts.{side.partner}", body, RECEIPTS_CONTENT_TYPE)

    counts = collected(hub, side)

    assert (counts.answered, len(counts.not_believed)) == (0, 1)
    assert rows.lines(hub.conn)[0].answer is None


def test_database_keeps_recalls_and_answers_as_they_were(hub: Hub, sent: list[OutboxRow]) -> None:
    recall(hub, Wanted(message=sent[0].id), RecallGround.ERASURE, *WHO)
    (line,) = rows.lines(hub.conn)
    answers.answer(hub, line.id, "impossible", "the body was wound up")

    for statement in (
        "DELETE FROM exchange.recall_answer", "UPDATE exchange.recall_line SET recipient = 'x'", "DELETE FROM exchange.recall",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            hub.conn.execute(statement)


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    """Run a command as an account; gives exit code, parsed result and what was told on stderr."""

    def call(account: str, *words: str) -> tuple[int, Any, str]:
        monkeypatch.setattr("wye.road.account.signed_in", lambda: account)
        capsys.readouterr()
        code = run([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return call


@pytest.fixture
def county(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a person who was told of under an agreement and by a one-off disclosure."""
    settings = {
        "home": str(tmp_path / "home"), "database_url": database_url, "amqp_url": "amqp://nobody@127.0.0.1:1/none",
        "agreements": str(ROOT / "sharing_agreements"), "allow_example_signers": "true",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"WYE_{name.upper()}", value)
    with bootstrap.open_hub(Settings(**settings)) as one:  # type: ignore[arg-type]  # pydantic reads text
        yield one


def test_whoever_was_told_once_is_told_by_hand_with_a_clock_and_an_answer(
    wye: Wye, county: Hub, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person: UUID = known(county)
    message, _ = disclosed(county, database_url, person)
    county.conn.execute(
        "INSERT INTO exchange.recipient_state VALUES ('adult-care-acute', 'arrowshire-hospitals', %s, 'm', %s, now())",
        (person, message),
    )
    _, once, _ = wye(
        "anna", "disclose", "now", str(person), "--to", "marches-police", "--asked-by", "Sergeant Fenn, called back",
        "--need", "a child is missing", "--power", "Children Act 1989 s47(1)", "--field", "person.family_name",
        "--reason", "they must be found",
    )  # fmt: skip

    code, told, _ = wye(
        "anna", "feeds", "recall", "send", "--person", str(person), "--ground", "erasure", "--asked-by", "the person",
        "--reason", "request 2026-17", "--answer-within", "7",
    )  # fmt: skip

    assert (code, told["by_feed"], told["by_hand"]) == (0, 1, 1)
    again = (
        "feeds", "recall", "send", "--disclosure", once["request"], "--ground", "sent-in-error", "--asked-by", "the reviewer",
        "--reason", "more than was needed",
    )  # fmt: skip
    code, _, said = wye("bert", *again)
    assert (code, "asked already" in said) == (2, True)
    code, listed, _ = wye("bert", "feeds", "recall", "list")
    assert (code, {each["recipient"]: each["by"] for each in listed}) == (
        0, {"marches-police": "hand", "arrowshire-hospitals": "feed"},
    )  # fmt: skip
    _, shown, _ = wye("bert", "feeds", "recall", "show", told["recall"])
    assert shown["words"] == {"asked_by": "the person", "reason": "request 2026-17"}
    from wye.road.account import clock as real

    at = real()
    monkeypatch.setattr("wye.road.account.clock", lambda: at + timedelta(days=7, minutes=1))
    code, late, _ = wye("bert", "feeds", "recall", "list", "--overdue")
    assert (code, len(late)) == (1, 2)
    for each in late:
        word = "disproportionate" if each["by"] == "hand" else "kept-under-own-duty"
        assert wye("bert", "feeds", "recall", "answer", each["line"], word, "--reason", "their letter")[0] == 0
    assert wye("bert", "feeds", "recall", "list")[:2] == (0, [])
    code, told_once, _ = wye("bert", *again)
    assert (code, told_once["by_feed"], told_once["by_hand"]) == (0, 0, 1)
    (open_line,) = wye("bert", "feeds", "recall", "list")[1]
    assert (open_line["recipient"], open_line["agreement"]) == ("marches-police", None)
    wye("bert", "feeds", "recall", "answer", open_line["line"], "disproportionate", "--reason", "told already")
    code, every, _ = wye("bert", "feeds", "recall", "list", "--all")
    assert {(each["recipient"], each["answer"], each["answered_by"]) for each in every} == {
        ("marches-police", "disproportionate", "bert"), ("arrowshire-hospitals", "kept-under-own-duty", "bert"),
    }  # fmt: skip
    _, flows, _ = wye("bert", "feeds", "list")
    (feed,) = [each for each in flows if each["agreement"] == "adult-care-acute"]
    assert (feed["people_held"], feed["delivered"], feed["waiting"]) == (0, 1, 1)
    _, one, _ = wye("bert", "feeds", "show", "adult-care-acute")
    assert {(each["kind"], each["state"]) for each in one["messages"]} == {("put", "delivered"), ("recall", "waiting")}
    assert wye("bert", "feeds", "recall", "answer", late[0]["line"], "forgotten", "--reason", "their letter")[0] == 2
    assert wye("bert", "feeds", "show", "nothing-such")[0] == 2
