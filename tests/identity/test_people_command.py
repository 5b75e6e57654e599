"""`wye people` on real PostgreSQL: find, show, review, merge and unmerge."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from canonical_people import AT, person, store

from wye.cli.main import run
from wye.identity.identify import identify
from wye.store.database import connect

pytestmark = pytest.mark.services


@pytest.fixture
def wye(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a command on a database that holds two doubtful people; gives its exit code and output."""
    monkeypatch.setenv("WYE_HOME", str(tmp_path))
    monkeypatch.setenv("WYE_DATABASE_URL", database_url)
    monkeypatch.setenv("WYE_AMQP_URL", "amqp://127.0.0.1:1/none")
    mary = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07", "sex": "F"}
    mary |= {"postcode": "AR1 1AA", "lines": "10 Mill Lane", "phone": "07700900123", "email": "mary@example.org"}
    with connect(database_url) as conn:
        store(
            conn,
            [
                *person("frameworki", "1", **mary, nhs_number="9990000018"),
                *person("nhs_fhir", "1", **mary, nhs_number="9990000026", title="Mrs"),
            ],
        )
        identify(conn, AT)

    def _run(*words: str):
        code = run(["people", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return _run


def found(wye, source: str, stream: str) -> str:
    person_id: str = json.loads(wye("find", source, stream, "1", "--json")[1])["person"]
    return person_id


def test_people_review_merge_and_unmerge_a_doubtful_pair(wye):
    kept, other = found(wye, "frameworki", "persons"), found(wye, "nhs_fhir", "admissions")
    code, printed, _ = wye("review", "--json")
    (pair,) = json.loads(printed)["pairs"]
    assert (code, set(pair["sources"])) == (0, {"frameworki", "nhs_fhir"})
    assert "Ashdown" not in printed

    event = json.loads(wye("merge", kept, other, "--reason", "seen together", "--json")[1])["event"]
    assert found(wye, "nhs_fhir", "admissions") == kept
    assert wye("review")[1] == "no pair waits for a decision\n"

    shown = json.loads(wye("show", kept, "--json")[1])
    assert {line["attribute"] for line in shown["attributes"]} >= {"family_name", "title"}
    assert [one["reason"] for one in shown["events"]] == ["seen together"]

    code, _, told = wye("unmerge", event, "--reason", "two passports")
    assert (code, told) == (0, "")
    assert found(wye, "nhs_fhir", "admissions") == other


def test_people_show_in_words_names_source_and_reason(wye):
    code, printed, _ = wye("show", found(wye, "frameworki", "persons"))

    assert code == 0
    assert "source: frameworki" in printed
    assert "reason: the only source that says anything" in printed


@pytest.mark.parametrize("words", [("show", "mary"), ("show", str(UUID(int=1))), ("find", "crm", "contacts", "none")])
def test_people_with_what_is_not_there_exits_2_and_says_what_would_be_right(wye, words):
    code, printed, told = wye(*words)

    assert (code, printed) == (2, "")
    assert told.startswith("wye: ")
    assert "`" in told


def test_people_words_are_said_and_taken_back_by_command(wye):
    care, stay = found(wye, "frameworki", "persons"), found(wye, "nhs_fhir", "admissions")
    records = [json.loads(wye("find", *key, "1", "--json")[1])["record"] for key in KEYS]

    said = json.loads(wye("same", *records, "--reason", "one passport", "--json")[1])
    assert found(wye, *KEYS[0]) == found(wye, *KEYS[1]) == said["kept"]
    code, _, told = wye("different", *records, "--reason", "two passports")
    assert (code, told) == (0, "")
    assert found(wye, *KEYS[0]) != found(wye, *KEYS[1])
    shown = json.loads(wye("show", found(wye, *KEYS[0]), "--json")[1])
    assert [(word["said"], word["reason"]) for word in shown["words"]] == [("different", "two passports")]

    last = shown["events"][-1]["id"]
    assert wye("undo", last, "--reason", "one after all")[0] == 0
    assert found(wye, *KEYS[0]) == found(wye, *KEYS[1])
    whole = found(wye, *KEYS[0])
    parted = json.loads(wye("split", whole, records[1], "--reason", "somebody else's", "--json")[1])
    assert found(wye, *KEYS[1]) == parted["other"] != whole
    assert wye("undo", parted["event"], "--reason", "no, hers")[0] == 0
    assert wye("undo", said["event"], "--reason", "too soon")[0] == 0
    assert (found(wye, *KEYS[0]), found(wye, *KEYS[1])) == (care, stay)
    assert json.loads(wye("review", "--json")[1])["waiting"] == 1


KEYS = (("frameworki", "persons"), ("nhs_fhir", "admissions"))


def test_people_corrections_and_disclosures_are_empty_where_nothing_was_shared(wye):
    event = json.loads(
        wye("merge", found(wye, *KEYS[0]), found(wye, *KEYS[1]), "--reason", "seen together", "--json")[1]
    )["event"]
    undone = json.loads(wye("unmerge", event, "--reason", "two passports", "--json")[1])

    assert (undone["disclosures"], undone["corrections"]) == ([], [])
    assert wye("disclosures", undone["event"])[1] == "nothing was disclosed of them as if they were one\n"
    assert wye("corrections", "list")[1] == "no correction waits\n"
    assert wye("corrections", "approve", "000000", "--reason", "why")[0] == 2
    assert wye("review", "quality")[1] == "no pair has been decided twice yet\n"


@pytest.mark.parametrize("command", ["merge", "unmerge", "same", "different", "split", "undo"])
def test_people_words_need_a_reason(wye, command):
    ids = [str(UUID(int=1))] * (1 if command in {"unmerge", "undo"} else 2)

    assert wye(command, *ids)[0] == wye(command, *ids, "--reason", "  ")[0] == 2
