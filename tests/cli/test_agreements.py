"""`wye agreements`: exit 0 when in order, 1 on a finding, 2 on a wrong word; the same as JSON."""

import json
from pathlib import Path

import example_agreements as examples
import pytest

from wye.cli.main import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied = examples.copied(tmp_path)
    monkeypatch.setenv("WYE_AGREEMENTS", str(copied))
    monkeypatch.setenv("WYE_ALLOW_EXAMPLE_SIGNERS", "true")
    return copied


@pytest.mark.usefixtures("folder")
def test_check_and_verify_of_the_examples_find_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agreements", "check"]) == 0
    assert run(["agreements", "verify", "--json"]) == 0

    lines = capsys.readouterr().out
    assert "adult-care-acute: in order" in lines
    assert json.loads(lines[lines.index("{") :])["safeguarding-police"] == {"findings": [], "ok": True}


def test_one_changed_letter_is_a_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "adult-care-acute" / "terms.md"
    path.write_text(path.read_text().replace("eight", "nine"))

    assert run(["agreements", "check"]) == 0
    assert run(["agreements", "verify"]) == 1
    assert run(["agreements", "verify", "safeguarding-police"]) == 0
    assert "the signature does not fit: the text was altered" in capsys.readouterr().out


def test_a_case_that_fails_is_a_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "care-packages-finance" / "cases.yaml"
    path.write_text(path.read_text().replace("person.family_name: P,", "person.family_name: Q,"))

    assert run(["agreements", "check", "care-packages-finance"]) == 1
    assert "`person.family_name` does not leave with the expected value" in capsys.readouterr().out


def test_a_fault_is_told_with_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "care-packages-finance" / "agreement.yaml"
    path.write_text(path.read_text().replace("template: internal", "template: secret"))

    assert run(["agreements", "check", "--json"]) == 1
    (said,) = json.loads(capsys.readouterr().out)["care-packages-finance"]["findings"]
    assert said.startswith(
        "care-packages-finance/agreement.yaml:4: `secret` is not right for `template`; allowed: 'reciprocal'"
    )


@pytest.mark.parametrize(
    ("was", "now", "line"),
    [
        (
            "sources: [frameworki]\n    roles",
            "sources: [frameworkl]\n    roles",
            "no system `frameworkl` here; there are: ",
        ),
        ("connector: agresso\n", "connector: agressor\n", "no system `agressor` here; there are: agresso, "),
    ],
)
def test_a_system_that_nothing_here_reads_is_a_finding(
    folder: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, line: str
) -> None:
    path = folder / "care-packages-finance" / "agreement.yaml"
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now, 1))

    assert run(["agreements", "check", "care-packages-finance"]) == 1
    said = capsys.readouterr().out
    assert line in said
    assert f"agreement.yaml:{text[: text.index(was)].count(chr(10)) + 1}: no system" in said


@pytest.mark.usefixtures("folder")
def test_outside_a_demo_example_signatures_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WYE_ALLOW_EXAMPLE_SIGNERS", "false")

    assert run(["agreements", "verify"]) == 1


@pytest.mark.usefixtures("folder")
def test_show_tells_and_an_unknown_agreement_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agreements", "show", "safeguarding-police"]) == 0
    assert run(["agreements", "show", "safeguarding"]) == 2

    told = capsys.readouterr()
    assert "UNDER WHICH LAW" in told.out
    assert "no agreement `safeguarding`; there are: adult-care-acute" in told.err
