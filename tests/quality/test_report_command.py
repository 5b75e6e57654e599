"""`wye quality report` on real PostgreSQL: the latest results, what is held, and a page that shows no value."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from listing import Listing, contract, person, table_rule

from wye import bootstrap
from wye.cli.main import run
from wye.road.ingest import ingest

pytestmark = pytest.mark.services


@pytest.fixture
def wye(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a quality command; gives its exit code and output."""
    monkeypatch.setenv("WYE_HOME", str(tmp_path))
    monkeypatch.setenv("WYE_DATABASE_URL", database_url)
    monkeypatch.setenv("WYE_AMQP_URL", "amqp://127.0.0.1:1/none")

    def _run(*words: str):
        code = run(["quality", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return _run


def test_report_before_anything_was_read_finds_nothing_and_holds_nothing(wye):
    code, printed, _ = wye("report", "--json")

    assert (code, json.loads(printed)) == (0, {"rules": [], "held": []})


def test_report_shows_what_is_held_and_release_lets_it_go(wye, tmp_path):
    system = Listing(tmp_path, contract([table_rule("key_unique")]), people=[person(1), person(1, "Beacon")])
    with bootstrap.open_hub() as hub:
        ingest(replace(hub, make_connector=lambda _: system, source_names=("listing",)), "listing")

    code, printed, said = wye("report", "--html", str(tmp_path / "page.html"), "--json")
    found = json.loads(printed)
    assert (code, said) == (1, f"page written to {tmp_path / 'page.html'}\n")
    assert [(row["stream"], row["rule"], row["outcome"], row["observed"]) for row in found["rules"]] == [
        ("people", "key_unique", "hold", 1)
    ]
    assert len(found["held"]) == 1
    assert "Ashdown" not in (tmp_path / "page.html").read_text()
    code, printed, _ = wye("report")
    assert (
        "  hold    key_unique (consistency): rows whose key came before in the same read: 1, expected at most 0"
        in printed
    )
    assert "held: listing.people batch " in printed

    assert wye("release", found["held"][0]["batch"])[0] == 2, "a reason is needed"
    code, printed, _ = wye("release", found["held"][0]["batch"], "--reason", "both are right")
    assert (code, printed) == (0, "released 1 batch of listing.people; the next run maps what was held\n")
    code, printed, _ = wye("report")
    assert (code, "hold, released key_unique" in printed) == (0, True)


def test_page_that_cannot_be_written_is_the_environment_s_fault(wye, tmp_path):
    code, printed, said = wye("report", "--html", str(tmp_path / "nowhere" / "page.html"))

    assert (code, printed) == (3, "")
    assert "cannot be written" in said
