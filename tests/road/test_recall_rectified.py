"""Who was told by hand to put something right holds it still: it is told to let go, and asked back, as ever."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from canonical_people import AT
from known_people import put_row
from shredding import MARKED, known, record_of
from signed_in_commands import Wye, hub_of_environment, typed

from wye.road import shred_rows
from wye.road.hub import Hub
from wye.road.recall import answers, rows
from wye.road.recall.send import Recalled, Wanted, recall
from wye.road.share import share
from wye.sharing.due import mark_due
from wye.store.ids import uuid7
from wye.vocabulary import RecallAnswer, RecallGround

pytestmark = pytest.mark.services
FEED, HOSPITAL = "adult-care-acute", "arrowshire-hospitals"
WHO = ("the person", "request 2026-17")
LETTER = "their letter of today"
CONSENT = (
    "--kind", "confidentiality", "--scope", "share-with-health", "--by", "Mrs Quillfeather, known to me",
    "--capacity", "person", "--evidence", "on the telephone; note in case 4", "--on", "2026-11-02",
)  # fmt: skip


@pytest.fixture
def hub(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_of_environment(database_url, tmp_path / "home", monkeypatch) as one:
        yield one


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    return typed(capsys, monkeypatch)


@pytest.fixture
def person(hub: Hub) -> UUID:
    """Somebody of whom the hospital was sent what the agreement lets go."""
    who: UUID = known(hub)
    values = {"service": "adult-social-care", "started_on": "2020-01-01"}
    put_row(hub.conn, record_of(MARKED), "involvement", "frameworki", values, AT)
    hub.conn.execute("DELETE FROM sharing.due")
    hub.at = lambda: datetime.now(UTC)
    due(hub, who)
    assert sent(hub, who) == ["put"]
    return who


def due(hub: Hub, person: UUID) -> None:
    mark_due(hub.conn, [FEED], [person], "test", AT)
    hub.conn.commit()
    share(hub, FEED)


def sent(hub: Hub, person: UUID) -> list[str]:
    found = hub.conn.execute(
        "SELECT kind FROM exchange.outbox WHERE agreement = %s AND person = %s ORDER BY id", (FEED, person)
    )
    return [str(kind) for (kind,) in found]


def rectified(hub: Hub, person: UUID) -> rows.Line:
    """Suspend the agreement, have the recipient told by hand, and let the agreement resume; gives the open line."""
    in_force = hub.agreements
    hub.agreements = {name: one for name, one in in_force.items() if name != FEED}
    done = recall(hub, Wanted(person=person), RecallGround.RECTIFICATION, *WHO)
    hub.agreements = in_force
    assert (done.by_feed, done.by_hand, done.decided_anew) == (0, 1, 0)
    (line,) = rows.lines(hub.conn)
    return line


def erased(hub: Hub, person: UUID) -> Recalled:
    return recall(hub, Wanted(person=person), RecallGround.ERASURE, *WHO)


def obstacles(hub: Hub, person: UUID) -> set[tuple[str, str]]:
    return set(shred_rows.recalls_open(hub.conn, shred_rows.reach(hub.conn, person)))


@pytest.mark.parametrize("word", ["corrected", "kept-under-own-duty", "cannot", "impossible", "disproportionate"])
def test_who_answered_a_rectification_is_told_to_let_go_when_consent_is_withdrawn(
    wye: Wye, hub: Hub, person: UUID, word: Any
) -> None:
    line = rectified(hub, person)
    code, told, said = wye("bert", "feeds", "recall", "answer", str(line.id), word, "--reason", LETTER)
    assert (code, told["answer"]) == (0, word), said
    assert ("is not known to have given up what it holds", HOSPITAL) in obstacles(hub, person)

    assert wye("anna", "consent", "withdraw", str(person), *CONSENT)[0] == 0
    share(hub, FEED)

    assert sent(hub, person) == ["put", "withdraw"]


@pytest.mark.parametrize("word", [RecallAnswer.DELETED, RecallAnswer.RETURNED])
def test_who_answers_that_it_gave_it_up_is_not_told_to(hub: Hub, wye: Wye, person: UUID, word: RecallAnswer) -> None:
    answers.answer(hub, rectified(hub, person).id, word, LETTER)

    wye("anna", "consent", "withdraw", str(person), *CONSENT)
    share(hub, FEED)

    assert (sent(hub, person), rows.held(hub.conn, person=person)) == (["put"], [])


def test_answer_does_not_speak_of_what_was_sent_since(hub: Hub, person: UUID) -> None:
    line = rectified(hub, person)
    hub.conn.execute("UPDATE exchange.recipient_state SET fingerprint = 'older'")
    due(hub, person)
    assert sent(hub, person) == ["put", "correct"]

    answers.answer(hub, line.id, RecallAnswer.DELETED, LETTER)

    assert [one.person for one in rows.held(hub.conn, person=person)] == [person]


def test_withdrawal_is_not_held_up_by_a_rectification_that_nobody_answered(hub: Hub, wye: Wye, person: UUID) -> None:
    rectified(hub, person)
    wye("anna", "consent", "withdraw", str(person), *CONSENT)
    share(hub, FEED)

    assert sent(hub, person) == ["put", "withdraw"], "it is decided though the line is open"
    assert rows.recalled(hub.conn, FEED, [person]) == set(), "and the relay does not hold it back"


def test_erasure_reaches_who_was_told_to_put_it_right_and_rectification_asks_nobody_twice(
    hub: Hub, wye: Wye, person: UUID
) -> None:
    _, once, _ = wye(
        "anna", "disclose", "now", str(person), "--to", "marches-police", "--asked-by", "Sergeant Fenn, called back",
        "--need", "a child is missing", "--power", "Children Act 1989 s47(1)", "--field", "person.family_name",
        "--reason", "they must be found",
    )  # fmt: skip
    hub.conn.execute("UPDATE exchange.outbox SET state = 'delivered', settled_at = now()")
    hub.agreements = {name: one for name, one in hub.agreements.items() if name != FEED}
    assert recall(hub, Wanted(person=person), RecallGround.RECTIFICATION, *WHO).by_hand == 2
    code, _, said = wye(
        "bert", "feeds", "recall", "send", "--disclosure", once["request"], "--ground", "rectification",
        "--asked-by", "the reviewer", "--reason", "a wrong name",
    )  # fmt: skip
    assert (code, "asked already" in said) == (2, True)

    done = erased(hub, person)

    assert (done.by_feed, done.by_hand) == (1, 1)
    code, _, said = wye(
        "bert", "feeds", "recall", "send", "--person", str(person), "--ground", "erasure", "--asked-by", "the person",
        "--reason", "again",
    )  # fmt: skip
    assert (code, "asked already" in said) == (2, True)


def test_corrected_answers_no_recall_and_is_believed_of_no_signature(hub: Hub, wye: Wye, person: UUID) -> None:
    hub.conn.execute("UPDATE exchange.outbox SET state = 'delivered', settled_at = now()")
    erased(hub, person)
    (line,) = rows.lines(hub.conn)

    code, _, said = wye("bert", "feeds", "recall", "answer", str(line.id), "corrected", "--reason", LETTER)

    assert (code, "`corrected` answers a rectification" in said) == (2, True)
    assert rows.lines(hub.conn)[0].answer is None
    with pytest.raises(psycopg.errors.CheckViolation, match="corrected_is_written_down"):
        hub.conn.execute(
            "INSERT INTO exchange.recall_answer (id, line, answer, answered_by, at, jws) VALUES (%s, %s, 'corrected', %s, %s, 'x')",
            (uuid7(), line.id, HOSPITAL, hub.at()),
        )
