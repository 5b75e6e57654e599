import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from wye.cli import main as front
from wye.cli.console import result

HEAVY = {"airflow", "pika", "polars", "psycopg", "pydantic", "splink", "sqlalchemy", "great_expectations", "alembic"}
WYE = Path(sys.executable).with_name("wye")


def wye(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WYE_")}
    return subprocess.run(
        [WYE, *words], capture_output=True, text=True, check=False, env={**clean, **environment}, timeout=60
    )


def plant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str) -> None:
    """Add a command `keys` (or stand in for it) whose one deed is `body`."""
    import wye.cli

    lines = ["import typer", "app = typer.Typer()", "@app.command()", "def keys() -> None:", '    """Do it."""']
    (tmp_path / "keys.py").write_text("\n".join([*lines, *(f"    {line}" for line in body.splitlines())]))
    monkeypatch.setattr(wye.cli, "__path__", [str(tmp_path), *wye.cli.__path__])
    monkeypatch.setitem(sys.modules, "wye.cli.keys", wye.cli)  # so that undoing it forgets the stand-in, too
    monkeypatch.delitem(sys.modules, "wye.cli.keys")


def test_help_lists_each_command_whose_module_is_there_and_no_other() -> None:
    there = {path.stem for path in Path(front.__file__).parent.glob("*.py")} & set(front.COMMANDS)

    words = [line.split()[0] for line in wye("--help").stdout.partition("Commands:")[2].splitlines() if line.strip()]

    assert set(words) == there
    assert "services" in there


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from wye.cli.main import run; run(['--help']); print(*sys.modules, file=sys.stderr)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert HEAVY & {name.split(".")[0] for name in done.stderr.split()} == set()
    assert "typer" in done.stderr.split()


def test_version_names_the_program() -> None:
    assert wye("--version").stdout == "wye 0.1.0\n"


@pytest.mark.parametrize("words", [("frobnicate",), ("services", "frobnicate"), ("services", "up", "--frobnicate")])
def test_unknown_word_exits_2_with_one_line(words: tuple[str, ...]) -> None:
    done = wye(*words)

    assert done.returncode == 2
    assert done.stderr.startswith("wye: no such ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_noun_alone_shows_its_help_and_exits_2() -> None:
    done = wye("services")

    assert done.returncode == 2
    assert "status" in done.stdout
    assert "completion" not in done.stdout


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        ("raise __import__('wye.errors').errors.BrokerUnavailable('rabbitmq is away')", 3, "wye: rabbitmq is away\n"),
        ("raise __import__('wye.errors').errors.AgreementRefused('no `a`')", 2, "wye: no `a`\n"),
        ("raise __import__('wye.errors').errors.EvidenceBroken('entry 7')", 1, "wye: entry 7\n"),
        ("raise typer.Exit(1)", 1, ""),
        ("return 2", 2, ""),
        ("return None", 0, ""),
        ("raise KeyboardInterrupt", 130, ""),
    ],
)
def test_error_of_a_command_becomes_its_exit_code_and_one_line(
    body: str, code: int, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, tmp_path, body)

    assert front.run(["keys"]) == code
    assert capsys.readouterr().err == told


def test_unexpected_error_names_its_class_and_never_its_values(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, tmp_path, "raise ValueError('Marigold Underhay')")

    assert front.run(["keys"]) == 1
    assert capsys.readouterr().err == "wye: stopped by an unexpected ValueError; WYE_TRACEBACK=1 shows where\n"
    monkeypatch.setenv("WYE_TRACEBACK", "1")
    front.run(["keys"])
    assert "Traceback" in capsys.readouterr().err


def test_what_a_login_has_no_right_to_is_said_without_the_server_s_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(
        monkeypatch,
        tmp_path,
        "import psycopg\nraise psycopg.errors.InsufficientPrivilege('table of Marigold Underhay')",
    )

    assert front.run(["keys"]) == 2
    assert capsys.readouterr().err == (
        "wye: the database login has no right to that; docs/roles.md tells which login does what\n"
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_full_disk_below_another_error_is_storage_exhausted(
    number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(
        monkeypatch,
        tmp_path,
        f"try:\n    raise OSError({number}, 'x')\nexcept OSError as e:\n    raise KeyError from e",
    )

    assert front.run(["keys"]) == 3
    assert "no space left" in capsys.readouterr().err


def test_real_file_limit_is_storage_exhausted(tmp_path: Path) -> None:
    done = subprocess.run(
        [WYE, "services", "up"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "WYE_HOME": str(tmp_path), "WYE_DATABASE_URL": "postgresql:///given"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        timeout=60,
    )

    assert done.returncode == 3
    assert "no space left, or a file limit" in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size] == []


def test_wrong_setting_is_named_without_its_value(tmp_path: Path) -> None:
    done = wye("services", "status", WYE_HOME=str(tmp_path), WYE_BATCH_ROWS="s3cret")

    assert done.returncode == 2
    assert done.stderr.startswith("wye: setting `WYE_BATCH_ROWS`: ")
    assert "s3cret" not in done.stderr


def test_services_status_before_any_start_is_a_finding(tmp_path: Path) -> None:
    done = wye("services", "status", "--json", WYE_HOME=str(tmp_path), WYE_AMQP_URL="amqp://given")

    assert done.returncode == 1
    assert json.loads(done.stdout)["postgresql"]["running"] is False
    assert json.loads(done.stdout)["rabbitmq"] == {"from": "WYE_AMQP_URL"}
    assert "WYE_AMQP_URL is set, so wye starts and stops none" in done.stderr


def test_services_up_status_and_down_are_one_life(tmp_path: Path) -> None:
    home = {"WYE_HOME": str(tmp_path / "home"), "WYE_AMQP_URL": "amqp://given"}

    up, status = wye("services", "up", "--json", **home), wye("services", "status", **home)
    down, after = wye("services", "down", "--erase", "--json", **home), wye("services", "status", **home)

    assert json.loads(up.stdout)["postgresql"]["running"] is True
    assert status.returncode == 0
    assert status.stdout.startswith("postgresql: runs (process ")
    assert json.loads(down.stdout)["postgresql"]["running"] is False
    assert after.returncode == 1
    assert "password" not in up.stdout + up.stderr


def test_text_result_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    result({"name": "a\x1b[2Jb", "rows": [1, None, True]}, as_json=False)

    assert capsys.readouterr().out == "name: a\N{REPLACEMENT CHARACTER}[2Jb\nrows:\n  1\n  -\n  yes\n"
