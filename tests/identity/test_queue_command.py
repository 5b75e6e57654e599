"""A steward clears the queue of a made county with the command line alone; each step is in the trail."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from canonical_people import AT, store
from county_canonical import rows

from wye.audit.search import search
from wye.cli.main import run
from wye.county import make
from wye.county.truth import read_truth
from wye.identity.identify import identify
from wye.identity.second_look import LABEL, drawn
from wye.identity.words import ordered
from wye.keys.file import FileKeys
from wye.ports import record_id
from wye.road.account import clock, signed_in
from wye.store.database import connect
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services

PEOPLE, SEED = 600, 11
NOBODY = 65534
"""Another account: the operating system is asked for its name by this number."""

Wye = Callable[..., tuple[int, str, str]]


@pytest.fixture
def truth(tmp_path: Path, database_url: str) -> dict[UUID, str]:
    """A county that is linked; gives whom each record is truly of."""
    make(tmp_path / "county", PEOPLE, SEED)
    with connect(database_url) as conn:
        store(conn, rows(tmp_path / "county"))
        identify(conn, AT)
    return {record_id(*key): person for key, person in read_truth(tmp_path / "county" / "truth").items()}


@pytest.fixture
def wye(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Wye:
    """Run `wye people` as an account; gives exit code, output and what it told."""
    monkeypatch.setenv("WYE_HOME", str(tmp_path))
    monkeypatch.setenv("WYE_DATABASE_URL", database_url)
    monkeypatch.setenv("WYE_AMQP_URL", "amqp://127.0.0.1:1/none")

    def _run(*words: str, account: int = os.getuid()) -> tuple[int, str, str]:
        with monkeypatch.context() as patched:
            patched.setattr(os, "getuid", lambda: account)
            code = run(["people", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return _run


def clear(wye: Wye, truth: dict[UUID, str], account: int, *, wrong: bool = False) -> list[dict[str, object]]:
    """List, show and decide until nothing waits; gives the pairs. `wrong`: against the truth."""
    done = []
    while pairs := json.loads(wye("review", "--size", "50", "--json", account=account)[1])["pairs"]:
        for pair in pairs:
            code, printed, told = wye("review", "show", pair["short"], "--json", account=account)
            if code:  # decided along with another
                assert "no pair that waits for you" in told
                continue
            shown = json.loads(printed)
            assert {line["field"] for line in shown["sides"]} >= {"family name"}
            a, b = (truth[UUID(record)] for record in shown["records"])
            said = "same" if (a == b) is not wrong else "different"
            code, _, told = wye("review", "decide", pair["id"], said, "--reason", "both opened", account=account)
            assert (code, told) == (0, "")
            done.append(pair)
    return done


def test_steward_clears_the_queue_and_a_second_one_the_sample(
    wye: Wye, truth: dict[UUID, str], database_url: str, tmp_path: Path
) -> None:
    first = clear(wye, truth, os.getuid())

    assert len(first) > 3
    code, printed, told = wye("review")
    assert (code, printed) == (0, "no pair waits for a decision\n")
    waiting = int(told.split(" ")[0]) if told else 0
    second = clear(wye, truth, NOBODY)
    assert len(second) == waiting
    key = FileKeys.open(tmp_path / "keys", create=False).mac_key(LABEL)
    sample = {each["id"] for each in first if drawn(ordered(*map(UUID, each["records"])), key)}  # type: ignore[call-overload]
    assert {each["id"] for each in second} == sample
    assert wye("review", account=NOBODY)[1] == "no pair waits for a decision\n"
    measured = json.loads(wye("review", "quality", "--json")[1])
    assert (measured["reviewed_twice"], measured["agreed"]) == (waiting, waiting)

    with connect(database_url) as conn:
        keys = FileKeys.open(tmp_path / "keys", create=False)
        for pair in first[:5]:
            for record in pair["records"]:  # type: ignore[attr-defined]  # JSON
                (person,) = conn.execute(
                    "SELECT person FROM identity.person_link WHERE record = %s ORDER BY recorded_at LIMIT 1", (record,)
                ).fetchall()[0]
                found = search(conn, keys, person=person, searcher="auditor", purpose="test", at=clock())  # type: ignore[arg-type]
                told_of = [each.event for each in found if each.event is not None]
                by_me = {event.purpose: event.kind for event in told_of if event.actor == signed_in()}
                assert {"people review", "people review show", "people review decide"} <= set(by_me)
                assert by_me["people review show"] is EventKind.CONSULTATION
        decided = conn.execute(
            "SELECT DISTINCT actor, reason FROM identity.doubt WHERE decision IS NOT NULL"
        ).fetchall()
        assert decided == [(signed_in(), "both opened")]
        links = conn.execute(
            "SELECT a.person = b.person, d.decision FROM identity.doubt d"
            " JOIN identity.person_link a ON a.record = d.record_a AND a.superseded_at IS NULL"
            " JOIN identity.person_link b ON b.record = d.record_b AND b.superseded_at IS NULL WHERE d.decision IS NOT NULL"
        ).fetchall()
        assert all(together == (said == "same") for together, said in links)


def test_review_show_in_words_puts_both_side_by_side_and_adds_up(wye: Wye, truth: dict[UUID, str]) -> None:
    assert truth
    pair = json.loads(wye("review", "--size", "1", "--json")[1])["pairs"][0]

    code, printed, _ = wye("review", "show", pair["short"])

    assert code == 0
    for heading in ("how they compare:", "why they weigh what they weigh:", "what objects:"):
        assert heading in printed
    assert pair["id"] in printed
    shown = json.loads(wye("review", "show", pair["id"], "--json")[1])
    total = shown["prior"] + sum(part["weight"] for part in shown["parts"])
    assert abs(total - shown["weight_now"]) < 0.001


def test_decision_without_reason_is_refused_and_skip_puts_aside(wye: Wye, truth: dict[UUID, str]) -> None:
    assert truth
    before = json.loads(wye("review", "--json")[1])
    pair = before["pairs"][0]

    assert wye("review", "decide", pair["id"], "same")[0] == 2
    assert wye("review", "decide", pair["id"], "same", "--reason", " ")[0] == 2
    assert wye("review", "decide", pair["id"], "perhaps", "--reason", "why")[0] == 2
    assert wye("review", "skip", pair["id"])[0] == 0

    after = json.loads(wye("review", "--size", "500", "--json")[1])
    assert (after["waiting"], after["put_aside"]) == (before["waiting"], 1)
    assert after["pairs"][-1]["id"] == pair["id"]


def test_pair_of_a_record_that_is_restricted_against_the_steward_waits_for_another(
    wye: Wye, truth: dict[UUID, str], database_url: str, tmp_path: Path
) -> None:
    pair = json.loads(wye("review", "--size", "1", "--json")[1])["pairs"][0]
    with connect(database_url) as conn:
        words = "SELECT person FROM identity.person_link WHERE record = %s AND superseded_at IS NULL"
        (person,) = conn.execute(words, (pair["records"][0],)).fetchall()[0]
    against = ("--against", f"account:{signed_in()}", "--reason", "her sister")
    assert wye("restrict", str(person), *against, account=NOBODY)[0] == 0

    for words in (("show", pair["id"]), ("decide", pair["id"], "same", "--reason", "both opened")):
        code, printed, told = wye("review", *words)
        assert (code, printed, "the record is restricted against" in told) == (2, "", True), words

    with connect(database_url) as conn:
        keys = FileKeys.open(tmp_path / "keys", create=False)
        found = search(conn, keys, person=person, searcher="auditor", purpose="test", at=clock())  # type: ignore[arg-type]
        refused = [each.event.purpose for each in found if each.event and each.event.kind is EventKind.REFUSAL]
    assert refused == ["people review show", "people review decide"]
    assert truth
