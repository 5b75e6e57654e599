"""`wye keys shred` and `wye keys hold`, as typed: ask, list, approve, withdraw; and what the trail tells afterwards."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from shredding import disclosed, known, let_go

from wye import bootstrap
from wye.cli.main import run
from wye.road.hub import Hub
from wye.settings import Settings

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
Wye = Callable[..., tuple[int, Any, str]]
WHY = ("--reason", "schedule 4.2")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    settings = {
        "home": str(tmp_path),
        "database_url": database_url,
        "amqp_url": "amqp://nobody@127.0.0.1:1/none",
        "agreements": str(ROOT / "sharing_agreements"),
        "retention_years": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"WYE_{name.upper()}", value)
    with bootstrap.open_hub(Settings(**settings)) as one:  # type: ignore[arg-type]  # pydantic reads text
        yield one


@pytest.fixture
def person(hub: Hub) -> UUID:
    who = known(hub)
    let_go(hub)
    return who


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    """Run a command as an account; gives exit code, parsed result and what was told on stderr."""

    def call(account: str, *words: str) -> tuple[int, Any, str]:
        monkeypatch.setattr("wye.road.account.signed_in", lambda: account)
        monkeypatch.setattr("wye.cli.audit.signed_in", lambda: account)
        capsys.readouterr()
        code = run([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return call


def test_shred_is_asked_listed_refused_to_the_asker_and_approved_by_another(wye: Wye, person: UUID) -> None:
    code, asked, _ = wye("anna", "keys", "shred", "ask", str(person), *WHY)
    assert (code, asked["state"], asked["asked_by"], asked["waits_for"]) == (0, "asked", "anna", [])

    code, told, said = wye("anna", "keys", "shred", "approve", asked["id"])
    assert (code, told) == (2, None)
    assert "another account must approve" in said

    code, done, _ = wye("bert", "keys", "shred", "approve", asked["id"])
    assert (code, done["still_readable"]) == (0, 0)
    assert done["entries"] > 0
    _, (listed,), _ = wye("anna", "keys", "shred", "list")
    assert (listed["state"], listed["decided_by"], listed["entry"], listed["reason"]) == (
        "done",
        "bert",
        done["entry"],
        "",
    )

    _, found, _ = wye("carl", "audit", "search", "--person", str(person))
    assert [(each["id"], each["event"]["outcome"]) for each in found["found"]] == [(done["entry"], "destroyed")]
    assert wye("carl", "audit", "verify")[0] == 0


def test_hold_is_placed_listed_and_lifted(wye: Wye, person: UUID) -> None:
    _, placed, _ = wye("anna", "keys", "hold", "place", str(person), *WHY)
    _, asked, _ = wye("anna", "keys", "shred", "ask", str(person), *WHY)
    code, _, said = wye("bert", "keys", "shred", "approve", asked["id"])
    assert (code, "a legal hold stands" in said) == (2, True)

    _, listed, _ = wye("anna", "keys", "hold", "list")
    assert [each["id"] for each in listed] == [placed["hold"]]
    assert wye("bert", "keys", "hold", "lift", placed["hold"], "--reason", "ended")[0] == 0
    assert wye("anna", "keys", "hold", "list")[1] == []
    assert len(wye("anna", "keys", "hold", "list", "--all")[1]) == 1
    assert wye("anna", "keys", "shred", "withdraw", asked["id"], "--reason", "not yet")[1]["state"] == "withdrawn"


def test_every_step_of_a_shred_is_on_the_record(wye: Wye, person: UUID) -> None:
    _, asked, _ = wye("anna", "keys", "shred", "ask", str(person), *WHY)
    wye("anna", "keys", "shred", "withdraw", asked["id"], "--reason", "not yet")

    _, found, _ = wye("carl", "audit", "search", "--person", str(person), "--actor", "anna")

    told = [each["event"] for each in found["found"]]
    assert [(event["purpose"], event["outcome"], event["detail"]["why"]) for event in told] == [
        ("keys shred ask", "asked", "schedule 4.2"),
        ("keys shred withdraw", "withdrawn", "not yet"),
    ]


def test_what_is_not_there_or_has_no_reason_is_a_usage_error(wye: Wye, person: UUID) -> None:
    assert wye("anna", "keys", "shred", "ask", str(uuid4()), *WHY)[0] == 2
    assert wye("anna", "keys", "shred", "ask", str(person), "--reason", " ")[0] == 2
    assert wye("anna", "keys", "shred", "approve", str(uuid4()))[0] == 2
    assert wye("anna", "keys", "hold", "lift", str(uuid4()), *WHY)[0] == 2


def test_destroyed_entry_is_shown_as_destroyed_and_by_which(
    wye: Wye, hub: Hub, database_url: str, person: UUID
) -> None:
    hub.at = lambda: datetime(2018, 6, 1, tzinfo=UTC)
    _, entry = disclosed(hub, database_url, person, agreement="corrections-adult-care")
    _, asked, _ = wye("anna", "keys", "shred", "ask", str(person), *WHY)
    _, done, _ = wye("bert", "keys", "shred", "approve", asked["id"])

    _, shown, _ = wye("carl", "audit", "show", str(entry))

    assert (shown["event"], shown["destroyed_by"]) == (None, done["entry"])
