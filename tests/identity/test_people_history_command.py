"""`wye people` on real PostgreSQL: history, as of, household, corrections and proposals, each look on the record."""

import io
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from canonical_people import AT, person, store

from wye.cli.main import run
from wye.identity.identify import identify
from wye.identity.review import person_of
from wye.ports import record_id
from wye.store.database import connect

pytestmark = pytest.mark.services

MARY = {"given_name": "Mary", "birth_date": "1950-03-07", "sex": "F", "postcode": "AR1 1AA", "lines": "10 Mill Lane"}
Wye = Callable[..., tuple[int, str, str]]


@pytest.fixture
def who(database_url: str) -> str:
    """Mary, whose surname two systems spell in two ways, with Walter at the same door."""
    walter = {**MARY, "given_name": "Walter", "birth_date": "1948-12-01", "sex": "M"}
    with connect(database_url) as conn:
        rows = [
            *person("frameworki", "1", **MARY, family_name="Ashdown"),
            *person("crm", "1", **MARY, family_name="Ashdon"),
        ]
        store(conn, [*rows, *person("crm", "2", **walter, family_name="Ashdown")])
        identify(conn, AT)
        return str(person_of(conn, record_id("frameworki", "persons", "1")))


@pytest.fixture
def wye(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Wye:
    monkeypatch.setenv("WYE_HOME", str(tmp_path))
    monkeypatch.setenv("WYE_DATABASE_URL", database_url)
    monkeypatch.setenv("WYE_AMQP_URL", "amqp://127.0.0.1:1/none")

    def _run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = run(["people", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return _run


def test_history_and_as_of_tell_what_was_known(wye: Wye, who: str) -> None:
    code, text, _ = wye("history", who, "family_name")
    then = json.loads(wye("show", who, "--as-of", "2026-11-20", "--json")[1])

    assert code == 0
    assert text.startswith("2026-11-20T09:00:00+00:00 family_name: Ashdown from frameworki (ranked first")
    assert {one["attribute"]: one["value"] for one in then["attributes"]}["family_name"] == "Ashdown"
    assert len(then["records"]) == 2
    assert wye("history", who, "shoe_size")[1] == "nothing is known of it\n"


@pytest.mark.parametrize("instant", ["2026-11-19", "2027-13-01", "2126-01-01", "2026-11-20T09:00:00"])
def test_as_of_that_cannot_be_answered_is_a_usage_error(wye: Wye, who: str, instant: str) -> None:
    code, printed, error = wye("show", who, "--as-of", instant)

    assert (code, printed) == (2, "")
    assert error.startswith("wye: ")


def test_household_names_who_is_there_and_shows_no_address(wye: Wye, who: str) -> None:
    code, text, _ = wye("household", who)

    assert code == 0
    assert "Walter Ashdown, born 1948-12-01: crm: lives here, since 2026-11-20" in text
    assert "Mill Lane" not in text
    assert "AR1" not in text


def test_correction_is_accepted_proposed_shown_and_withdrawn(wye: Wye, who: str) -> None:
    done = json.loads(wye("correct", who, "family_name", "--from", "crm", "--reason", "passport", "--json")[1])
    shown = json.loads(wye("show", who, "--json")[1])
    listed = json.loads(wye("proposals", "list", "--json")[1])

    assert (done["attribute"], done["to_propose"]) == ("family_name", 1)
    golden = next(one for one in shown["attributes"] if one["attribute"] == "family_name")
    assert (golden["value"], golden["reason"]) == ("Ashdon", "a steward found it right")
    assert [(one["system"], one["state"]) for one in listed] == [("frameworki", "withheld")]
    assert "no agreement in force lets `frameworki` be told" in listed[0]["why"]
    assert "Ashdo" not in json.dumps(listed), "a list shows no value"

    code, text, _ = wye("proposals", "show", listed[0]["id"])
    assert code == 0
    assert "Ashdo" not in text
    assert wye("proposals", "refused", listed[0]["id"], "--reason", "never sent")[0] == 2
    assert wye("withdraw-correction", done["correction"], "--reason", "misread")[0] == 0
    assert json.loads(wye("proposals", "list", "--state", "withdrawn", "--json")[1])[0]["id"] == listed[0]["id"]
    assert wye("withdraw-correction", done["correction"], "--reason", "again")[0] == 2


def test_typed_value_comes_by_standard_input_and_is_never_repeated(wye: Wye, who: str) -> None:
    code, printed, error = wye(
        "correct", who, "family_name", "--evidence", "passport, file 12", "--reason", "seen", typed="Quillfeather\n"
    )
    wrong = wye("correct", who, "birth_date", "--evidence", "a stone", "--reason", "seen", typed="1066-13-40\n")

    assert code == 0
    assert "Quillfeather" not in printed + error
    assert wrong[0] == 2
    assert "1066" not in wrong[2]
    assert "a steward found it right" in wye("history", who, "family_name")[1]


@pytest.mark.parametrize("words", [(), ("--from", "crm", "--evidence", "x")])
def test_which_value_is_right_is_said_in_one_way(wye: Wye, who: str, words: tuple[str, ...]) -> None:
    assert wye("correct", who, "family_name", *words, "--reason", "r")[0] == 2


def test_unknown_state_is_named(wye: Wye, who: str) -> None:  # noqa: ARG001  a database with people
    code, _, error = wye("proposals", "list", "--state", "lost")

    assert code == 2
    assert "there are: withheld, sent, accepted, refused, withdrawn" in error


def test_every_look_is_on_the_record_for_everybody_shown(wye: Wye, who: str, database_url: str) -> None:
    def staged() -> int:
        with connect(database_url) as conn:
            found = conn.execute("SELECT count(*) FROM audit.entry").fetchone()
        return int(str(found[0])) if found else 0

    assert wye("history", who)[0] == 0, "the sign-in is on the record with it"
    counts = [staged()]
    for words in (("history", who), ("show", who, "--as-of", "2026-11-20"), ("household", who)):
        assert wye(*words)[0] == 0
        counts.append(staged())

    assert [after - before for before, after in itertools.pairwise(counts)] == [1, 1, 2]
