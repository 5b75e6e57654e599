"""`wye audit` and `wye keys`, as typed at a shell, on a hub of their own."""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from audit_log import AT, OTHER, PERSON, a_log, an_event

from wye.audit.append import Appended, append
from wye.keys.file import FileKeys
from wye.local.cluster import Cluster
from wye.store.database import connect

pytestmark = pytest.mark.services
WYE = Path(sys.executable).with_name("wye")


@dataclass(frozen=True)
class Hub:
    url: str
    home: Path
    log: list[Appended]

    def wye(self, *words: str, typed: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        clean = {key: value for key, value in os.environ.items() if not key.startswith("WYE_")}
        environment = clean | {"WYE_DATABASE_URL": self.url, "WYE_HOME": str(self.home)} | more
        return subprocess.run(
            [WYE, *words], capture_output=True, text=True, check=False, env=environment, timeout=60, input=typed
        )


@pytest.fixture(scope="module")
def hub(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    name, home = f"test_{uuid4().hex}", tmp_path_factory.mktemp("home")
    url = cluster.create_database(name, template)
    keys = FileKeys.open(home / "keys")
    with connect(url) as conn:
        log = a_log(conn, keys, 6)
        conn.execute("CREATE TABLE public.lost AS SELECT * FROM keys.wrap WHERE value = %s", (log[5].id,))
        conn.execute("DELETE FROM keys.wrap WHERE value = %s", (log[5].id,))
    yield Hub(url, home, log)
    cluster.drop_database(name)


def test_search_prints_what_was_found_and_records_who_looked(hub: Hub) -> None:
    done = hub.wye("audit", "search", "--person", str(OTHER), "--json", LOGNAME="somebody-else", USER="somebody-else")
    again = hub.wye("audit", "search", "--person", str(OTHER), "--purpose", "complaint-17", "--json")

    found = json.loads(done.stdout)["found"]
    assert (done.returncode, done.stderr) == (0, "")
    assert [each["id"] for each in found] == [str(hub.log[2].id), str(hub.log[5].id)]
    assert found[0]["event"]["kind"] == "disclosure"
    assert found[1]["event"] is None
    look = json.loads(again.stdout)["found"][-1]["event"]
    assert (look["actor"], look["kind"], look["purpose"]) == (
        pwd.getpwuid(os.getuid()).pw_name,
        "consultation",
        "audit",
    )


def test_search_in_text_has_a_line_for_each_entry(hub: Hub) -> None:
    done = hub.wye("audit", "search", "--person", str(PERSON), "--recipient", "arrowshire-hospitals")

    assert done.returncode == 0
    assert [str(entry.id) in line for entry, line in zip(hub.log[:2], done.stdout.splitlines(), strict=False)] == [
        True
    ] * 2
    last = "4 found; index verified up to entry 0 of 6: `wye audit index` never ran"
    assert done.stdout.splitlines()[-1] == last


def test_search_by_nhs_number_reads_it_from_standard_input_and_never_shows_it(hub: Hub) -> None:
    with connect(hub.url) as conn:
        append(conn, FileKeys.open(hub.home / "keys"), [an_event(nhs_number="9434765919")], AT)

    done = hub.wye("audit", "search", "--nhs-number", "--json", typed="943 476 5919\n")
    bad = hub.wye("audit", "search", "--nhs-number", typed="943 476\n")

    assert len(json.loads(done.stdout)["found"]) == 1
    assert "9434765919" not in done.stdout + done.stderr
    assert (bad.returncode, "943" in bad.stderr + bad.stdout) == (2, False)


def test_search_for_nothing_is_a_usage_error(hub: Hub) -> None:
    done = hub.wye("audit", "search")

    assert (done.returncode, done.stdout) == (2, "")
    assert "a search needs" in done.stderr


def test_show_prints_one_entry_and_knows_no_other(hub: Hub) -> None:
    done = hub.wye("audit", "show", str(hub.log[0].id), "--json")
    missing = hub.wye("audit", "show", str(uuid4()))

    assert json.loads(done.stdout)["event"]["person"] == str(PERSON)
    assert (missing.returncode, missing.stdout) == (2, "")


def test_verify_names_the_entry_whose_wrap_was_lost_and_the_one_that_was_altered(hub: Hub) -> None:
    lost = hub.wye("audit", "verify", "--json")
    with connect(hub.url) as conn:
        conn.execute("INSERT INTO keys.wrap SELECT * FROM public.lost")
        good = hub.wye("audit", "verify", "--json")
        conn.execute("SET session_replication_role = replica")
        change = (
            "UPDATE audit.entry SET ciphertext = set_byte(ciphertext, 9, get_byte(ciphertext, 9) # 1) WHERE id = %s"
        )
        conn.execute(change, (hub.log[3].id,))
        bad, text = hub.wye("audit", "verify", "--json"), hub.wye("audit", "verify")
        conn.execute(change, (hub.log[3].id,))
        conn.execute("DELETE FROM keys.wrap WHERE value = %s", (hub.log[5].id,))

    found = json.loads(lost.stdout)
    assert (lost.returncode, found["first_wrong"], found["check"]) == (1, str(hub.log[5].id), "wrap")
    assert (good.returncode, json.loads(good.stdout)["ok"], json.loads(good.stdout)["entries"]) == (0, True, 6)
    told = json.loads(bad.stdout)
    assert (bad.returncode, told["first_wrong"], told["check"]) == (1, str(hub.log[3].id), "ciphertext")
    assert (text.returncode, str(hub.log[3].id) in text.stdout) == (1, True)


def test_index_names_the_row_that_was_dropped_and_searches_say_how_far_it_is_verified(hub: Hub) -> None:
    good = hub.wye("audit", "index", "--full")
    size = json.loads(hub.wye("audit", "index", "--full", "--json").stdout)["index"]["size"]
    before = json.loads(hub.wye("audit", "search", "--actor", "nobody", "--json").stdout)["index"]
    with connect(hub.url) as conn:
        row = conn.execute(
            "SELECT * FROM audit.token WHERE entry = %s AND field = 'person'", (hub.log[2].id,)
        ).fetchone()
        conn.execute("DELETE FROM audit.token WHERE entry = %s AND field = 'person'", (hub.log[2].id,))
        bad, told = hub.wye("audit", "index"), json.loads(hub.wye("audit", "index", "--json").stdout)
        after = hub.wye("audit", "search", "--actor", "nobody").stdout
        conn.execute("INSERT INTO audit.token VALUES (%s, %s, %s)", row)
    mended = hub.wye("audit", "index", "--full")

    assert (good.returncode, mended.returncode) == (0, 0)
    assert f"5 entries rebuilt, 1 that nobody can read; index verified up to entry {size} of {size} (" in good.stdout
    assert (before["verified"], before["size"], before["findings"]) == (size, size, 0)
    assert before["whole_at"] == before["checked_at"]
    assert bad.returncode == 1
    assert f"WRONG at index 2, entry {hub.log[2].id} (check: missing, person)" in bad.stdout
    assert (told["ok"], told["found"], told["findings"][0]["check"]) == (False, 1, "missing")
    assert f"index verified up to entry 2 of {size} (" in after
    assert "WRONG in 1 places" in after


def test_export_verifies_offline_without_database_or_keys(hub: Hub, tmp_path: Path) -> None:
    made = json.loads(hub.wye("audit", "export", str(tmp_path / "log"), "--json").stdout)
    elsewhere = {"WYE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "WYE_HOME": str(tmp_path / "none")}
    words = ("audit", "verify", "--offline", str(tmp_path / "log"), "--key", made["key"])

    good = hub.wye(*words, **elsewhere)
    (tmp_path / "log" / "sealed" / "000.p" / "6").write_bytes(b"")
    bad = hub.wye(*words, **elsewhere)

    assert (made["entries"], good.returncode, "verified: 6 entries" in good.stdout) == (6, 0, True)
    assert (bad.returncode, "WRONG" in bad.stdout) == (1, True)
    assert hub.wye("audit", "verify", "--offline", str(tmp_path / "log")).returncode == 2


def test_keys_status_tells_which_keys_and_none_of_them(hub: Hub) -> None:
    told = json.loads(hub.wye("keys", "status", "--json").stdout)
    keyring = json.loads((hub.home / "keys" / "keyring.json").read_text())

    assert set(told["wraps"]) == set(keyring["wrapping"]) == {told["current"]}
    assert told["wraps"][told["current"]] >= 5
    assert told["audit_key"].startswith("arrowshire-council/audit+")
    for secret in (keyring["root"], keyring["signing"], *keyring["wrapping"].values()):
        assert secret not in json.dumps(told)


def test_missing_keys_are_an_environment_fault_and_are_not_made(hub: Hub, tmp_path: Path) -> None:
    done = hub.wye("audit", "verify", WYE_HOME=str(tmp_path))

    assert (done.returncode, "no keys in" in done.stderr) == (3, True)
    assert list(tmp_path.iterdir()) == []
