"""`wye quality report` on real PostgreSQL: the latest results, what is held, and a page that shows no value."""

import json
from pathlib import Path

import pytest

from wye.cli.main import run

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
