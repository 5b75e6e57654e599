"""`wye explain` decides anew, tells why, shows no value, and leaves a consultation in the trail."""

import json
from datetime import UTC, datetime
from pathlib import Path

import example_agreements as examples
import known_people
import pytest

from wye.cli.main import run
from wye.store.database import connect

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def person(database_url: str, amqp_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {
        "WYE_DATABASE_URL": database_url, "WYE_AMQP_URL": amqp_url, "WYE_HOME": str(tmp_path / "var"),
        "WYE_AGREEMENTS": str(examples.AGREEMENTS), "WYE_ALLOW_EXAMPLE_SIGNERS": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    package = {"service": "home-care", "provider": "MARKER Care", "reference": "1"}
    with connect(database_url) as conn:
        rows = {"care_package": [{"source": "frameworki", "values": package}]}
        return str(known_people.put_person(conn, {"person": {}, "rows": rows}, AT))


def test_explain_tells_each_agreement_and_is_itself_recorded(
    person: str, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", person, "--json"]) == 0

    told = capsys.readouterr().out
    found = json.loads(told)
    assert {name: one["outcome"] for name, one in found.items()} == {
        "adult-care-acute": "withhold", "care-packages-finance": "release", "safeguarding-police": "withhold",
        "corrections-adult-care": "withhold", "corrections-customer-services": "withhold",
        "corrections-revenues": "withhold",
    }  # fmt: skip
    assert not found["adult-care-acute"]["considered"]
    assert "MARKER" not in told
    with connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM audit.entry").fetchone() == (2,), "the sign-in, and the look"


def test_explain_says_when_an_agreement_is_not_in_force(
    person: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WYE_ALLOW_EXAMPLE_SIGNERS", "false")

    assert run(["explain", person, "--agreement", "care-packages-finance"]) == 0
    assert "care-packages-finance: not in force, nothing is shared: no root key is set" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["nobody"], ["00000000-0000-7000-8000-000000000000"]])
@pytest.mark.usefixtures("person")
def test_explain_of_nobody_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", *words]) == 2
    assert "`wye people find`" in capsys.readouterr().err
