"""Show that the server is who it must be, that nobody else gets in, and that its exports are whole."""

import gc
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import orjson
import pytest

from connectors.civica_revenues import CivicaRevenues
from connectors.civica_revenues.counterpart.exports import publish
from connectors.civica_revenues.counterpart.sshd import Sshd
from connectors.civica_revenues.sftp import SETTINGS
from wye.ports import SourceUnavailable


def test_server_with_another_host_key_is_refused(exports, tmp_path: Path):
    exports.drop("20261120")
    held = Path(exports.config["known_hosts"]).read_text().split()
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    hosts = tmp_path / "known_hosts"
    hosts.write_text(" ".join([held[0], *Path(f"{other}.pub").read_text().split()[:2]]) + "\n")

    with pytest.raises(SourceUnavailable, match="is not the one in `known_hosts`"):
        exports.connector(known_hosts=str(hosts)).check()


def test_server_not_in_known_hosts_is_refused(exports, tmp_path: Path):
    exports.drop("20261120")
    (tmp_path / "known_hosts").write_text("")

    with pytest.raises(SourceUnavailable, match="is not the one in `known_hosts`"):
        exports.connector(known_hosts=str(tmp_path / "known_hosts")).check()


def test_stranger_with_another_key_is_refused_even_with_the_right_key_in_an_agent(
    exports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    exports.drop("20261120")
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    started = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    facts = dict(part.split("=", 1) for part in started.replace("\n", "").split(";") if "=" in part)
    monkeypatch.setenv("SSH_AUTH_SOCK", facts["SSH_AUTH_SOCK"])
    try:
        subprocess.run(["ssh-add", "-q", exports.config["client_key"]], check=True)

        with pytest.raises(SourceUnavailable, match="does not take `client_key`"):
            exports.connector(client_key=str(other)).check()
    finally:
        os.kill(int(facts["SSH_AGENT_PID"]), signal.SIGTERM)


@pytest.mark.parametrize("setting", SETTINGS)
def test_connector_without_a_setting_says_which(exports, setting: str):
    with pytest.raises(SourceUnavailable, match=f"setting `{setting}` is missing"):
        exports.connector(**{setting: ""}).check()


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("client_key", "/nowhere/key", "cannot be reached"),
        ("known_hosts", "/nowhere/hosts", "cannot be reached"),
        ("port", "many", "cannot be reached"),
        ("folder", "/nowhere", "the server has no `/nowhere`"),
        ("username", "nobody-of-ours", "does not take `client_key`"),
    ],
)
def test_connector_with_a_wrong_setting_is_unavailable(exports, setting: str, value: str, said: str):
    with pytest.raises(SourceUnavailable, match=said):
        exports.connector(**{setting: value}).check()


def test_connector_with_a_broken_key_says_so(exports, tmp_path: Path):
    (tmp_path / "key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nMARIGOLD\n-----END OPENSSH PRIVATE KEY-----\n")

    with pytest.raises(SourceUnavailable, match="`client_key` cannot be read"):
        exports.connector(client_key=str(tmp_path / "key")).check()


def test_server_that_is_down_is_unavailable(exports):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))

        with pytest.raises(SourceUnavailable, match="cannot be reached"):
            exports.connector(port=str(taken.getsockname()[1])).check()


def test_server_that_goes_away_in_the_middle_is_unavailable_and_the_rest_is_read_later(exports, tmp_path: Path, caplog):
    rows = [f"{n},Q,{'ANN' * 20},{'REDFERN' * 20},1750000000" for n in range(30_000)]
    exports.drop("20261120", {"ctaccount.csv": exports.content("ctaccount.csv", rows)})
    sshd = Sshd(tmp_path / "sshd")
    sshd.start()
    mine = exports.connector(port=str(sshd.port), known_hosts=str(sshd.known_hosts), client_key=str(sshd.client_key))
    reading = mine.read("accounts", None, 100)
    first = next(reading)
    end_with_children(sshd)

    with pytest.raises(SourceUnavailable, match=r"ctaccount.csv` cannot be reached"):
        list(reading)
    gc.collect()

    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    rest = [row.key for batch in exports.connector().read("accounts", first.cursor, 5000) for row in batch.rows]
    assert [row.key for row in first.rows] + rest == [str(n) for n in range(30_000)]


def end_with_children(sshd: Sshd) -> None:
    assert sshd._process is not None
    found = [sshd._process.pid]
    for parent in found:
        found += [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    for pid in found[1:]:
        os.kill(pid, signal.SIGKILL)
    sshd.stop()


def ssh(server: Sshd, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = ["-F", "none", "-i", str(server.client_key), "-o", f"UserKnownHostsFile={server.known_hosts}"]
    options += ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"]
    port = "-p" if program == "ssh" else "-P"
    return subprocess.run(
        [program, *options, port, str(server.port), *arguments], capture_output=True, text=True, check=False, timeout=30
    )


def test_server_gives_no_shell_and_takes_no_file(server: Sshd, exports, tmp_path: Path):
    folder = exports.drop("20261120")
    planted = tmp_path / "planted"
    planted.write_text("x")
    put = f"put {planted} {folder}/planted\nrm {folder}/manifest.csv\n"
    batch = tmp_path / "batch"
    batch.write_text(put)

    shell = ssh(server, "ssh", f"{server.user}@127.0.0.1", f"touch {tmp_path}/touched; echo MARIGOLD")
    sent = ssh(server, "sftp", "-b", str(batch), f"{server.user}@127.0.0.1")

    assert "MARIGOLD" not in shell.stdout
    assert not (tmp_path / "touched").exists()
    assert sent.returncode != 0
    assert not (folder / "planted").exists()
    assert (folder / "manifest.csv").exists()


def test_server_keys_are_closed_to_others(server: Sshd):
    assert server.home.stat().st_mode & 0o777 == 0o700
    assert server.client_key.stat().st_mode & 0o077 == 0


def county_tables(exports, folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("ctaccount.csv", "syphone.csv", "syemail.csv", "hbmember.csv", "hbclaim.csv", "hbhousehold.csv",
                 "ctoccupation.csv", "ctproperty.csv"):  # fmt: skip
        header, *rows = exports.content(name).splitlines(keepends=True)
        (folder / name).write_bytes(header + b"".join(reversed(rows)))
    return folder


def test_publish_sorts_and_writes_the_same_drop_once(exports, tmp_path: Path):
    tables = county_tables(exports, tmp_path / "tables")

    first = publish(tables, exports.folder, date(2026, 11, 20))
    again = publish(tables, exports.folder, date(2026, 11, 20))
    (tables / "ctaccount.csv").write_bytes(exports.content("ctaccount.csv", []))
    third = publish(tables, exports.folder, date(2026, 11, 20))

    assert (first.name, again.name, third.name) == ("20261120", "20261120", "20261120-02")
    assert (first / "hbmember.csv").read_bytes() == exports.content("hbmember.csv")
    assert (first / "manifest.csv").stat().st_mtime_ns >= max(p.stat().st_mtime_ns for p in first.iterdir())
    assert list(exports.connector().keys("accounts")) == []


def started(tables: Path, home: Path) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [
        sys.executable,
        "-m",
        "connectors.civica_revenues.counterpart",
        "--data",
        str(tables),
        "--home",
        str(home),
    ]
    process = subprocess.Popen([*command, "--day", "20261120"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, orjson.loads(process.stdout.readline())


def answers(port: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=1):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_counterpart_process_serves_until_it_ends_and_leaves_no_server(exports, tmp_path: Path, ending: signal.Signals):
    county_tables(exports, tmp_path / "a county" / "civica_revenues")
    process, config = started(tmp_path / "a county", tmp_path / "a home")
    try:
        read = [r.key for b in CivicaRevenues(config).read("occupations", None, 2) for r in b.rows]
    finally:
        process.send_signal(ending)
        process.communicate(timeout=20)

    deadline = time.monotonic() + 20
    while answers(config["port"]) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert read == ["9|001|2020-01-01", "10|001|2019-01-01", "9|002|2018-01-01"]
    assert not answers(config["port"])
    shutil.rmtree(tmp_path / "a home")
