"""`wye people model`: learnt apart, seen before it is used, put in force on the record."""

import json
import re
from pathlib import Path

import pytest
from canonical_people import AT, person, store

from wye.cli.main import run
from wye.identity import model, model_rows
from wye.identity.identify import identify
from wye.identity.model_page import page
from wye.store.database import connect

pytestmark = pytest.mark.services

MARY = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07", "postcode": "AR1 1AA"}


@pytest.fixture
def wye(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run `wye people model` on a hub with two records of one person; gives its exit code and output."""
    monkeypatch.setenv("WYE_HOME", str(tmp_path))
    monkeypatch.setenv("WYE_DATABASE_URL", database_url)
    monkeypatch.setenv("WYE_AMQP_URL", "amqp://127.0.0.1:1/none")
    with connect(database_url) as conn:
        store(conn, [*person("frameworki", "1", **MARY), *person("crm", "1", **MARY)])
        identify(conn, AT)

    def _run(*words: str):
        code = run(["people", "model", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return _run


@pytest.fixture
def candidate(database_url: str) -> str:
    strict = model.shipped() | {"per_record": model.shipped()["per_record"] / 2**60}
    with connect(database_url) as conn:
        return str(model_rows.keep(conn, strict, AT))


def test_candidate_is_seen_used_and_listed_with_who_and_why(wye, candidate, database_url):
    shown = json.loads(wye("show", candidate, "--json")[1])
    assert (shown["state"], shown["in_force"]) == ("candidate", False)
    assert shown["thresholds"] == {"join": model.JOIN, "fracture": model.FRACTURE, "doubt": model.DOUBT}
    assert shown["here"]["links"] == 1

    code, _, hint = wye("use", candidate, "--reason", "fewer wrong merges in the sample")
    assert (code, "every record is looked at" in hint) == (0, True)

    listed = json.loads(wye("list", "--json")[1])
    assert [(one["version"], one["state"]) for one in listed] == [("shipped", "available"), (candidate, "in force")]
    assert listed[1]["reason"] == "fewer wrong merges in the sample"
    assert listed[1]["put_in_force_by"]
    with connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM audit.entry").fetchall() == [(2,)], "the sign-in, and the use"


def test_use_is_refused_without_a_reason_or_twice(wye, candidate):
    assert wye("use", candidate, "--reason", " ")[0] == 2
    assert wye("use", "shipped", "--reason", "why not")[0] == 2
    assert wye("use", candidate, "--reason", "why not")[0] == 0

    code, _, told = wye("use", candidate, "--reason", "again")

    assert (code, "in force already" in told) == (2, True)


@pytest.mark.parametrize(
    "words", [("show", "none"), ("use", "none", "--reason", "x"), ("chart", "none", "--html", "x")]
)
def test_version_that_there_is_not_is_refused_by_name(wye, words):
    code, _, told = wye(*words)

    assert (code, "no version `none`" in told) == (2, True)


def test_too_few_records_to_learn_from_are_refused(wye):
    code, _, told = wye("train")

    assert (code, "cannot learn from `2` records" in told) == (2, True)


def test_chart_is_one_page_that_needs_nothing_else(wye, tmp_path):
    to = tmp_path / "model.html"

    assert wye("chart", "shipped", "--html", str(to))[0] == 0

    written = to.read_text()
    assert "<script" not in written
    assert not re.search(r"(?:src|href)\s*=|url\(|@import", written.replace("xlink:href", ""))
    assert set(re.findall(r"https?://[^\"<\s]+", written)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert written.count("<svg") == 2
    assert all(
        f'<td class="t">{level.label}' in written.replace("&#x27;", "'") for level in model.COMPARISONS[0].levels
    )


def test_chart_of_a_learnt_version_shows_what_thresholds_let_expect():
    curve = [
        {"weight": weight, "precision": 0.9 + weight / 200, "recall": 1 - weight / 40, "pairs": 100 - weight}
        for weight in range(12)
    ]

    written = page("a", {"state": "candidate"}, model.shipped() | {"expected": {"curve": curve}})

    assert written.count("<svg") == 3
    assert "Expected precision" in written
