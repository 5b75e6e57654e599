"""Scorecards are shown as a table with a drawn trend; the page stands alone and holds counts and names only."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from county_hub import bring_in, hub_on_database
from county_source_rows import AT
from crm_people import three_contacts

from wye.cli.main import run
from wye.quality.score import DayScore, RuleScore, cards
from wye.quality.scorecard_page import page, percent, points
from wye.quality.trend import sparkline, svg
from wye.road.score import score

DAY = date(2026, 11, 1)
DAYS = [
    DayScore("crm", "validity", DAY + timedelta(days=place), 200, failed)
    for place, failed in enumerate((40, 20, 20, 2))
]
RULES = [
    RuleScore("crm", "contacts", rule, "mobilephone", "validity", "warning", 200, failed)
    for rule, failed in (("a rule that nobody fails", 0), ("a <telephone> number", 2), ("another", 1))
]


def test_cards_show_the_newest_day_its_change_and_the_worst_rules_first() -> None:
    (card,) = cards(list(reversed(DAYS)), RULES, {"crm": "head-of-customer-services"})

    assert card.today == DAYS[-1]
    assert card.change == pytest.approx(0.09)
    assert [rule.rule for rule in card.worst] == ["a <telephone> number", "another"]
    assert card.owner == "head-of-customer-services"


@pytest.mark.parametrize(
    ("shares", "drawn"),
    [([], ""), ([1.0, 1.0], "██"), ([0.8, 0.9, 0.9, 1.0], "▁▅▅█"), ([0.0, 0.5, 1.0], "▁▁█")],
)
def test_sparkline_rises_with_the_share_good(shares: list[float], drawn: str) -> None:
    assert sparkline(shares) == drawn


def test_percent_never_calls_a_failing_source_perfect() -> None:
    assert [percent(share) for share in (1.0, 0.99999, 0.5)] == ["100.0%", ">99.9%", "50.0%"]
    assert [points(change) for change in (None, 0.0, 0.0312, -0.002)] == ["first", "=", "+3.1", "-0.2"]


def test_chart_is_static_and_fetches_nothing() -> None:
    drawn = svg(cards(DAYS, RULES, {}))

    assert drawn.startswith("<svg")
    assert "validity" in drawn
    assert "<script" not in drawn
    assert not re.findall(r"""(?:href|src)\s*=\s*["']?(?!#)""", drawn)
    assert set(re.findall(r"https?://[^\s\"'<>]+", drawn)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_page_holds_the_chart_and_a_table_and_escapes_names() -> None:
    written = page(cards(DAYS, RULES, {"crm": "head-of-customer-services"}))

    assert "<svg" in written
    assert "<table>" in written
    assert "a &lt;telephone&gt; number (contacts.mobilephone): 2" in written
    assert "<script" not in written
    assert "+9.0" in written


@pytest.fixture
def scored(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with hub_on_database(database_url, tmp_path) as hub:
        bring_in(hub, {("crm", "contacts"): three_contacts()})
        score(hub)
        hub.at = lambda: AT + timedelta(days=1)
        score(hub)
    monkeypatch.setenv("WYE_HOME", str(tmp_path))
    monkeypatch.setenv("WYE_DATABASE_URL", database_url)
    monkeypatch.setenv("WYE_AMQP_URL", "amqp://nobody@127.0.0.1:1/none")
    return tmp_path


@pytest.mark.services
def test_show_prints_scores_history_and_worst_rules_without_a_value(
    scored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["quality", "show", "crm", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert run(["quality", "show", "--html", str(scored / "page.html"), "--svg", str(scored / "trend.svg")]) == 0
    text = capsys.readouterr().out

    (validity,) = (card for card in told if card["dimension"] == "validity")
    assert (validity["rows"], validity["failing"], validity["change"]) == (3, 1, 0.0)
    assert len(validity["history"]) == 2
    assert {rule["rule"] for rule in validity["worst"]} >= {"mobilephone is a telephone number"}
    assert re.search(r"crm +validity +66\.7% +=", text)
    assert "mobilephone is a telephone number (contacts.mobilephone), warning; mends: head-of-customer-services" in text
    shown = text + json.dumps(told) + (scored / "page.html").read_text() + (scored / "trend.svg").read_text()
    assert not [value for value in ("Hollowell", "UNKNOWN", "nobody@", "1980") if value in shown]


@pytest.mark.services
@pytest.mark.usefixtures("scored")
def test_show_of_no_source_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", "show", "nowhere"]) == 2
    assert "there are: agresso, civica_revenues, crm" in capsys.readouterr().err
