"""The commands of an agreement's life: exit 0 when done, 1 on a finding, 2 on what cannot be; the same as JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import example_agreements as examples
import pytest
from logins import logins_of

from wye.cli.main import run
from wye.local.cluster import Cluster

pytestmark = pytest.mark.services
ACUTE = "adult-care-acute"
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(
    cluster: Cluster,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Say:
    """Runs a command on a hub of this test's own; gives its exit code and what it said."""
    logins = logins_of(cluster, database_url)
    for name, value in {
        "WYE_HOME": str(tmp_path), "WYE_DATABASE_URL": logins.application, "WYE_AMQP_URL": "amqp://nobody@127.0.0.1:1/none",
        "WYE_SEQUENCER_DATABASE_URL": logins.sequencer, "WYE_AGREEMENTS": str(examples.copied(tmp_path)),
        "WYE_ALLOW_EXAMPLE_SIGNERS": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    def said(*words: str) -> tuple[int, str]:
        code = run(["agreements", *words])
        told = capsys.readouterr()
        return code, told.out if code < 2 else told.err

    return said


def test_suspend_resume_end_and_certify(say: Say) -> None:
    assert say("move", ACUTE, "suspend", "--reason", "a breach is looked into") == (0, f"{ACUTE} is suspended\n")
    code, told = say("move", ACUTE, "propose", "--reason", "again")
    assert code == 2
    assert "a version that is `suspended` cannot be moved by `propose`; from there is possible: resume, end" in told
    assert say("move", ACUTE, "resume", "--reason", "it was none")[1] == f"{ACUTE} is active\n"
    code, told = say("move", ACUTE, "end", "--reason", "the trust has merged", "--json")
    assert json.loads(told)["certificates_owed"] == ["arrowshire-council", "arrowshire-hospitals"]

    code, told = say("certify", ACUTE, "arrowshire-hospitals", "deleted", "--reference", "letter 12")
    assert (code, told.split(": ")[1]) == (0, "deleted (letter 12)\n")
    code, told = say("certificates")
    assert code == 0
    assert f"{ACUTE} 1.0, arrowshire-council: owed by " in told
    assert f"{ACUTE} 1.0, arrowshire-hospitals: deleted (letter 12)" in told


def test_states_name_who_has_yet_to_sign(say: Say, tmp_path: Path) -> None:
    (tmp_path / "sharing_agreements" / ACUTE / "signatures" / "caldicott-guardian.arrowshire-council.sig").unlink()

    code, told = say("states")

    assert code == 0
    assert f"{ACUTE} 1.0: proposed; not signed by caldicott-guardian.arrowshire-council\n" in told
    assert "safeguarding-police 1.0: active\n" in told


def test_nothing_was_enforced_yet(say: Say) -> None:
    assert say("versions", ACUTE) == (0, "no version was enforced yet\n")
    code, told = say("versions", ACUTE, "--as-of", "2026-11-20")
    assert (code, "no version was in force here on 2026-11-20" in told) == (2, True)


def test_a_move_that_is_none_and_an_agreement_that_is_none_are_usage_errors(say: Say) -> None:
    assert say("move", ACUTE, "revive", "--reason", "please")[0] == 2
    assert "there are: adult-care-acute" in say("move", "another", "end", "--reason", "please")[1]
    assert say("move", ACUTE, "end")[0] == 2
