"""`wye audit report`, as typed at a shell, by the auditor's login alone."""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from audit_log import PERSON
from example_agreements import AGREEMENTS
from logins import logins_of
from reporting import POLICE_WORDS, desk, say, to_hospital, to_police, withheld, written

from wye.keys.file import FileKeys
from wye.local.cluster import Cluster
from wye.local.places import Logins
from wye.store.database import connect

pytestmark = pytest.mark.services
WYE = Path(sys.executable).with_name("wye")


@dataclass(frozen=True)
class Hub:
    logins: Logins
    home: Path

    def wye(self, *words: str) -> "subprocess.CompletedProcess[str]":
        clean = {key: value for key, value in os.environ.items() if not key.startswith("WYE_")}
        environment = clean | {
            "WYE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "WYE_AUDITOR_DATABASE_URL": self.logins.auditor,
            "WYE_HOME": str(self.home),
            "WYE_AGREEMENTS": str(AGREEMENTS),
            "WYE_ALLOW_EXAMPLE_SIGNERS": "true",
        }
        command = [WYE, "audit", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)


@pytest.fixture
def hub(cluster: Cluster, template: str, tmp_path: Path) -> Iterator[Hub]:
    name, home = f"test_{uuid4().hex}", tmp_path / "home"
    url = cluster.create_database(name, template)
    with connect(url) as conn:
        written(conn, FileKeys.open(home / "keys"), to_hospital(), to_police(1))
    yield Hub(logins_of(cluster, url), home)
    cluster.drop_database(name)


def test_report_is_drafted_decided_by_another_and_released_to_new_files(hub: Hub, tmp_path: Path) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    drafted = hub.wye("report", "draft", str(PERSON), "--reason", "SAR-2026-17", "--json")
    told = json.loads(drafted.stdout)
    report = told["report"]
    files = {kind: tmp_path / f"report.{kind}" for kind in ("csv", "html", "fhir")}
    words = ("report", "release", report, *(word for kind, path in files.items() for word in (f"--{kind}", str(path))))

    early = hub.wye(*words)
    mine = hub.wye(
        "report", "decide", report, "2", "withhold", "--exemption", "crime-and-tax", "--reason", "a live enquiry"
    )
    with connect(hub.logins.auditor) as conn:
        say(desk(conn, FileKeys.open(hub.home / "keys")), UUID(report), withheld(2))
    shown, listed = hub.wye("report", "show", report), hub.wye("report", "list", "--json")
    done, again = hub.wye(*words), hub.wye(*words)

    assert (drafted.returncode, drafted.stderr, told["drafted_by"], told["undecided"]) == (0, "", me, [2])
    assert (early.returncode, early.stdout, "line 2 is marked and undecided" in early.stderr) == (2, "", True)
    assert (mine.returncode, f"`{me}` drafted report" in mine.stderr) == (2, True)
    assert "MARKED crime-and-tax" in shown.stdout
    assert "once, on " in shown.stdout
    assert "decided by sam.guardian: withhold (crime-and-tax): a live enquiry" in shown.stdout
    assert "nothing is undecided" in shown.stdout
    assert [(one["report"], one["undecided"]) for one in json.loads(listed.stdout)] == [(report, 0)]
    assert str(PERSON) not in listed.stdout
    assert (done.returncode, "1. Arrowshire Hospitals NHS Trust" in done.stdout) == (0, True)
    out = done.stdout + done.stderr + "".join(path.read_text() for path in files.values())
    assert [each for each in POLICE_WORDS if each.lower() in out.lower()] == []
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    assert (again.returncode, again.stdout, "is there already" in again.stderr) == (2, "", True)


def test_file_that_cannot_be_written_is_said_and_a_wrong_word_is_refused(hub: Hub, tmp_path: Path) -> None:
    report = json.loads(hub.wye("report", "draft", str(PERSON), "--reason", "SAR-2026-17", "--json").stdout)["report"]
    with connect(hub.logins.auditor) as conn:
        say(desk(conn, FileKeys.open(hub.home / "keys")), UUID(report), withheld(2))

    nowhere = hub.wye("report", "release", report, "--html", str(tmp_path / "none" / "page.html"))
    wrong = hub.wye("report", "decide", report, "2", "maybe", "--reason", "x")
    off = hub.wye("report", "decide", report, "2", "withhold", "--reason", "x", "--exemption", "law-enforcement")

    assert (nowhere.returncode, nowhere.stdout, "no such file or directory" in nowhere.stderr) == (3, "", True)
    assert (wrong.returncode, "`maybe` is no decision" in wrong.stderr) == (2, True)
    assert (off.returncode, "unconfirmed and switched off" in off.stderr) == (2, True)
    assert "Schedule 2 paragraph 2 (read)" in hub.wye("report", "exemptions").stdout


def test_section_62_counts_are_printed_and_written_as_a_page(hub: Hub, tmp_path: Path) -> None:
    words = ("section62", "--since", "2026-11-01", "--until", "2026-11-30", "--html", str(tmp_path / "page.html"))

    told, bad = hub.wye(*words, "--json"), hub.wye(*words[:3], "--until", "yesterday")

    (flow,) = json.loads(told.stdout)["flows"]
    assert (told.returncode, flow["agreement"], flow["authorities"]) == (0, "safeguarding-police", ["Marches Police"])
    assert (flow["months"]["2026-11"]["disclosure"], flow["months"]["2026-11"]["erasure"]) == (1, 0)
    assert "claims no more" in (tmp_path / "page.html").read_text()
    assert (bad.returncode, bad.stdout) == (2, "")
