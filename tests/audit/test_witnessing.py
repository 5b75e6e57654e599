# ruff: noqa: S608  the statements are constants of this file
"""The log and its witness: what only a witness catches, a log put back and a history rewritten, stops the sequencer."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from audit_log import AT, ORIGIN, a_log, an_event
from county_hub import hub_on_database

from wye.audit import proofs
from wye.audit.append import append
from wye.audit.checkpoint import sign, verifier_key
from wye.audit.export import export
from wye.audit.growth import grow
from wye.audit.merkle import consistency_proof, inclusion_proof, root
from wye.audit.outside import FILE, KeptCheckpoints
from wye.audit.rows import newest_checkpoint
from wye.audit.verifier import verify_directory
from wye.audit.verify import verify
from wye.audit.witness import Cosigner, Memory, Witness
from wye.audit.witness_rows import cosignatures
from wye.audit.witnessing import WitnessAt, submit
from wye.errors import EnvironmentFault, EvidenceBroken
from wye.keys.file import FileKeys
from wye.keys.provider import KeyProvider
from wye.road import witness as road_witness
from wye.road.hub import Hub
from wye.road.sequence import sequence
from wye.road.witness import show_to_witnesses, witness
from wye.settings import Settings, WitnessSettings
from wye.store.database import Connection

pytestmark = pytest.mark.services
NOW = 1_790_000_000
TABLES = ("audit.entry", "audit.staged", "audit.token", "audit.index", "audit.node", "audit.checkpoint")
WITNESS = "marches-police.example/witness"


@dataclass
class Beside:
    """A witness in this process, asked as over a network."""

    folder: Path
    asked: int = 0

    def __post_init__(self) -> None:
        self.cosigner = Cosigner.make(self.folder, WITNESS)
        self.memory = Memory(self.folder)

    def watch(self, keys: KeyProvider) -> None:
        self.memory.watch(verifier_key(ORIGIN, keys.signing_key().public_key()))

    def post(self, url: str, body: bytes) -> tuple[int, str]:
        assert url == "https://witness.example/add-checkpoint"
        self.asked += 1
        answer = Witness(self.cosigner, self.memory).add_checkpoint(body, NOW)
        return answer.status, answer.body

    @property
    def settings(self) -> dict[str, WitnessSettings]:
        return {"police": WitnessSettings(url="https://witness.example/", key=self.cosigner.verifier_key)}


@pytest.fixture
def beside(tmp_path: Path) -> Beside:
    (tmp_path / "witness").mkdir()
    return Beside(tmp_path / "witness")


@pytest.fixture
def show(conn: Connection, keys: FileKeys, beside: Beside, tmp_path: Path) -> Callable[[], Mapping[str, int]]:
    """Show the log to the witness; gives what it agreed to."""
    beside.watch(keys)
    settings = Settings(home=tmp_path, witnesses=beside.settings)
    return lambda: show_to_witnesses(conn, keys, settings, AT, beside.post).agreed


@contextmanager
def copied(conn: Connection) -> Iterator[Callable[[], None]]:
    """Take a backup of the log's tables; gives what puts it back, as a superuser can."""
    for table in TABLES:
        conn.execute(f"CREATE TABLE {table}_copy AS TABLE {table}")

    def put_back() -> None:
        with conn.transaction():
            conn.execute("SET LOCAL session_replication_role = replica")
            for table in TABLES:
                conn.execute(f"DELETE FROM {table}")
                conn.execute(f"INSERT INTO {table} TABLE {table}_copy")

    yield put_back


def rewrite(conn: Connection, keys: KeyProvider, number: int) -> None:
    """Rewrite one entry with everything above it, and sign it all anew with the log's own key: what an insider can do."""
    with conn.transaction():
        conn.execute("SET LOCAL session_replication_role = replica")
        rows = conn.execute(
            "SELECT i.index, e.id, e.header FROM audit.index i JOIN audit.entry e ON e.id = i.entry ORDER BY 1"
        ).fetchall()
        (other,) = append(conn, keys, [an_event(recipient="nobody-knows")], AT)
        conn.execute("UPDATE audit.index SET entry = %s, leaf = %s WHERE index = %s", (other.id, other.leaf, number))
        conn.execute("DELETE FROM audit.staged WHERE entry = %s", (other.id,))
        conn.execute("DELETE FROM audit.token WHERE entry = %s", (rows[number][1],))
        conn.execute("DELETE FROM audit.entry WHERE id = %s", (rows[number][1],))
        leaves = [bytes(leaf) for (leaf,) in conn.execute("SELECT leaf FROM audit.index ORDER BY index").fetchall()]
        for level, position, node in grow(0, {}, leaves).nodes:
            conn.execute("UPDATE audit.node SET hash = %s WHERE level = %s AND position = %s", (node, level, position))
        for (size,) in conn.execute("SELECT size FROM audit.checkpoint").fetchall():
            forged = sign(ORIGIN, size, root(leaves[:size]), AT, keys.signing_key())
            conn.execute(
                "UPDATE audit.checkpoint SET root = %s, note = %s WHERE size = %s", (forged.root, forged.note, size)
            )


def test_proofs_from_stored_nodes_are_those_from_all_leaves(conn: Connection, keys: FileKeys) -> None:
    leaves = [each.leaf for each in a_log(conn, keys, 5, 30, 1, 37)]

    for size in (1, 2, 3, 7, 8, 31, 64, 73):
        assert proofs.root_at(conn, size) == root(leaves[:size])
        for old in (1, 2, 3, 4, 6, 8, 32, size - 1, size):
            if 0 < old <= size:
                assert proofs.consistency(conn, old, size) == consistency_proof(leaves[:size], old), (old, size)
        for index in (0, 1, size // 2, size - 1):
            if index < size:
                assert proofs.inclusion(conn, index, size) == inclusion_proof(leaves[:size], index), (index, size)
    assert proofs.consistency(conn, 0, 73) == []
    for wrong in (lambda: proofs.consistency(conn, 74, 73), lambda: proofs.inclusion(conn, 73, 73)):
        with pytest.raises(ValueError, match="log of"):
            wrong()


def test_log_that_grows_is_cosigned_and_the_cosignatures_are_kept_and_exported(
    conn: Connection, keys: FileKeys, beside: Beside, show: Callable[[], Mapping[str, int]], tmp_path: Path
) -> None:
    assert show() == {"police": 0}
    for more, size in ((4, 4), (7, 11), (1, 12)):
        a_log(conn, keys, more)
        assert show() == {"police": size}
        assert show() == {"police": size}

    assert list(cosignatures(conn)) == [0, 4, 11, 12]
    a_log(conn, keys, 5)
    export(conn, tmp_path / "log")
    vkey = verifier_key(ORIGIN, keys.signing_key().public_key())
    report = verify_directory(tmp_path / "log", vkey, [beside.cosigner.verifier_key])
    assert (report.ok, report.size, report.witnessed) == (True, 17, 12)
    stranger = Cosigner.make(tmp_path, "other.example/witness").verifier_key
    unknown = verify_directory(tmp_path / "log", vkey, [beside.cosigner.verifier_key, stranger])
    assert (unknown.ok, unknown.check, unknown.first_wrong) == (False, "witness", "other.example/witness")


def test_older_log_put_back_verifies_and_only_the_witness_catches_it(
    conn: Connection, keys: FileKeys, show: Callable[[], Mapping[str, int]]
) -> None:
    a_log(conn, keys, 4)
    with copied(conn) as put_back:
        a_log(conn, keys, 5)
        show()
        put_back()

    assert verify(conn, keys).ok
    with pytest.raises(EvidenceBroken, match=r"ends at 4, and witness `police` has cosigned 9: an older log"):
        show()
    a_log(conn, keys, 5)  # as long as it was, and not the same
    assert verify(conn, keys).ok
    with pytest.raises(EvidenceBroken, match="another root for 9"):
        show()
    a_log(conn, keys, 5)
    with pytest.raises(EvidenceBroken, match="growth from 9 to 14: history was rewritten"):
        show()


def test_history_rewritten_with_the_logs_own_key_verifies_and_only_the_witness_catches_it(
    conn: Connection, keys: FileKeys, show: Callable[[], Mapping[str, int]]
) -> None:
    a_log(conn, keys, 4, 5)
    show()

    rewrite(conn, keys, 2)

    found = verify(conn, keys)
    assert found.ok, found
    with pytest.raises(EvidenceBroken, match="another root for 9"):
        show()
    a_log(conn, keys, 3)
    assert verify(conn, keys).ok
    with pytest.raises(EvidenceBroken, match="history was rewritten"):
        show()


def test_entries_newer_than_the_last_cosignature_can_be_rewritten_unseen(
    conn: Connection, keys: FileKeys, show: Callable[[], Mapping[str, int]]
) -> None:
    # What cannot be shown, as a test: the reason why checkpoints go to witnesses often.
    a_log(conn, keys, 4)
    show()
    a_log(conn, keys, 5)

    rewrite(conn, keys, 6)

    assert verify(conn, keys).ok
    assert show() == {"police": 9}


def test_witness_that_does_not_know_our_last_size_is_asked_where_it_is(
    conn: Connection, keys: FileKeys, beside: Beside, show: Callable[[], Mapping[str, int]]
) -> None:
    a_log(conn, keys, 4)
    show()
    conn.execute("SET session_replication_role = replica")
    conn.execute("DELETE FROM audit.cosignature")
    conn.execute("SET session_replication_role = origin")
    a_log(conn, keys, 3)
    beside.asked = 0

    assert show() == {"police": 7}
    assert beside.asked == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, ""), "does not watch this log"),
        ((403, ""), "by another key"),
        ((500, ""), "answers 500"),
        ((302, ""), "answers 302"),
        ((200, ""), "without a cosignature"),
        ((200, "\N{EM DASH} other AAAA\n"), "without a cosignature"),
        ((200, "nonsense"), "without a cosignature"),
        ((409, "many"), "which size"),
        ((409, "007"), "which size"),
        ((409, "-7"), "which size"),
    ],
)
def test_answer_that_is_no_witnesss_is_its_fault_and_not_the_logs(
    conn: Connection, keys: FileKeys, beside: Beside, answer: tuple[int, str], said: str
) -> None:
    a_log(conn, keys, 4)
    newest = newest_checkpoint(conn)
    assert newest
    there = WitnessAt("police", "https://witness.example", beside.cosigner.verifier_key)

    with pytest.raises(EnvironmentFault, match=said):
        submit(lambda *_: answer, there, newest, lambda old: proofs.consistency(conn, old, newest.size), 0)


def test_witness_that_answers_differently_each_time_is_given_up(
    conn: Connection, keys: FileKeys, beside: Beside
) -> None:
    a_log(conn, keys, 4)
    newest = newest_checkpoint(conn)
    assert newest
    answers = iter([(409, "1"), (409, "2"), (409, "3"), (409, "4")])
    there = WitnessAt("police", "https://witness.example", beside.cosigner.verifier_key)

    with pytest.raises(EnvironmentFault, match="differently"):
        submit(lambda *_: next(answers), there, newest, lambda old: proofs.consistency(conn, old, newest.size), 0)


def test_cosignatures_are_never_changed(conn: Connection, show: Callable[[], Mapping[str, int]]) -> None:
    show()

    for statement in (
        "UPDATE audit.cosignature SET line = ''",
        "DELETE FROM audit.cosignature",
        "TRUNCATE audit.cosignature",
    ):
        with pytest.raises(Exception, match="append-only"):
            conn.execute(statement)


# The sequencer's start.


@contextmanager
def opened(url: str, home: Path, beside: Beside | None = None) -> Iterator[Hub]:
    with hub_on_database(url, home, AT) as hub:
        if beside is not None:
            hub.settings = hub.settings.model_copy(update={"witnesses": beside.settings})
        yield hub


def staged(hub: Hub, count: int) -> None:
    append(hub.conn, hub.keys, [an_event() for _ in range(count)], AT)


def test_sequencer_on_an_older_log_gives_no_index_again(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as hub:
        staged(hub, 4)
        sequence(hub)
        with copied(hub.conn) as put_back:
            staged(hub, 5)
            assert sequence(hub) == {"size": 9}
            put_back()
        staged(hub, 2)
        before = hub.conn.execute("SELECT count(*) FROM audit.index").fetchone()

        with pytest.raises(EvidenceBroken, match="an older log was restored"):
            sequence(hub)
    with opened(database_url, tmp_path) as again:
        with pytest.raises(EvidenceBroken, match="Nothing is sequenced"):
            sequence(again)
        assert again.conn.execute("SELECT count(*) FROM audit.index").fetchone() == before == (4,)


def test_sequencer_on_an_emptied_database_starts_no_new_log(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as hub:
        with copied(hub.conn) as put_back:
            staged(hub, 4)
            sequence(hub)
            put_back()
        staged(hub, 1)

        with pytest.raises(EvidenceBroken, match="ends at 0"):
            sequence(hub)


def test_sequencer_on_a_rewritten_log_goes_no_further(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as hub:
        staged(hub, 4)
        sequence(hub)
        rewrite(hub.conn, hub.keys, 1)

        with pytest.raises(EvidenceBroken, match="history was rewritten"):
            sequence(hub)


def test_kept_checkpoint_that_was_altered_or_swapped_stops_the_sequencer(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as hub:
        staged(hub, 4)
        sequence(hub)
        kept = hub.settings.keys / FILE
        note = kept.read_text()
        stranger = FileKeys.open(tmp_path / "stranger").signing_key()

        for text in ("", note.replace("\n4\n", "\n3\n"), sign(ORIGIN, 4, bytes(32), AT, stranger).note):
            kept.write_text(text)
            with pytest.raises(EvidenceBroken, match="not a checkpoint of this log"):
                sequence(hub)
        kept.write_bytes(b"\xff")
        with pytest.raises(EvidenceBroken, match="cannot be read"):
            sequence(hub)
        kept.write_text(note)
        assert sequence(hub) == {"size": 0}


def test_sequencer_on_a_log_and_home_put_back_together_is_stopped_by_the_witness(
    database_url: str, tmp_path: Path, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(road_witness, "_post", beside.post)
    with opened(database_url, tmp_path, beside) as hub:
        beside.watch(hub.keys)
        staged(hub, 4)
        sequence(hub)
        kept = (hub.settings.keys / FILE).read_text()
        with copied(hub.conn) as put_back:
            staged(hub, 5)
            sequence(hub)
            assert witness(hub) == {"cosigned": 1}
            put_back()
        KeptCheckpoints(hub.settings.keys).keep(kept)
    with opened(database_url, tmp_path, beside) as again:
        staged(again, 1)

        with pytest.raises(EvidenceBroken, match="witness `police` has cosigned 9"):
            sequence(again)
        assert again.conn.execute("SELECT count(*) FROM audit.index").fetchone() == (4,)


def test_sequencer_on_a_log_and_home_put_back_together_is_stopped_by_what_a_partner_gives_back(
    database_url: str, tmp_path: Path
) -> None:
    with opened(database_url, tmp_path) as hub:
        outside = KeptCheckpoints(hub.settings.keys)
        staged(hub, 4)
        sequence(hub)
        early = outside.newest()
        with copied(hub.conn) as put_back:
            staged(hub, 5)
            sequence(hub)
            sent_to_a_partner = outside.newest()
            put_back()
        outside.keep(early)
        staged(hub, 1)

        assert outside.keep_held("hospital", early, hub.keys, ORIGIN)
        outside.check(hub.conn, hub.keys, ORIGIN)
        assert outside.keep_held("hospital", sent_to_a_partner, hub.keys, ORIGIN)
        assert outside.keep_held("hospital", early, hub.keys, ORIGIN)  # an older one takes nothing back

        with pytest.raises(
            EvidenceBroken, match=r"the log ends at 4, and `.*held-by-hospital` holds a checkpoint of 9"
        ):
            sequence(hub)
        assert hub.conn.execute("SELECT count(*) FROM audit.index").fetchone() == (4,)


def test_checkpoint_that_we_never_signed_is_not_kept(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as hub:
        staged(hub, 1)
        sequence(hub)
        outside = KeptCheckpoints(hub.settings.keys)
        stranger = FileKeys.open(tmp_path / "stranger").signing_key()

        for forged in ("", outside.newest().replace("\n1\n", "\n9\n"), sign(ORIGIN, 9, bytes(32), AT, stranger).note):
            assert not outside.keep_held("hospital", forged, hub.keys, ORIGIN)
        assert sequence(hub) == {"size": 0}


def test_sequencer_without_an_answer_from_any_witness_waits(
    database_url: str, tmp_path: Path, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_url: str, _body: bytes) -> tuple[int, str]:
        raise EnvironmentFault("the witness at `witness.example` does not answer")

    with opened(database_url, tmp_path, beside) as hub:
        beside.watch(hub.keys)
        staged(hub, 4)
        monkeypatch.setattr(road_witness, "_post", nobody)
        with pytest.raises(EnvironmentFault, match="no witness answers, so nothing is sequenced"):
            sequence(hub)
        assert hub.conn.execute("SELECT count(*) FROM audit.index").fetchone() == (0,)

        monkeypatch.setattr(road_witness, "_post", beside.post)
        assert sequence(hub) == {"size": 4}
        monkeypatch.setattr(road_witness, "_post", nobody)
        staged(hub, 1)
        assert sequence(hub) == {"size": 5}  # it knows by now that the log is the right one
        with pytest.raises(EnvironmentFault, match="does not answer"):
            witness(hub)


# As typed at a shell, with a witness in a program of its own.


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[tuple[str, str, Callable[..., str]]]:
    """A partner's witness: its address, its public key, and its own commands."""
    folder = tmp_path / "partner"

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "wye.audit.witness", str(folder), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    vkey = run("make", WITNESS)
    command = [sys.executable, "-m", "wye.audit.witness", str(folder), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as serving:
        assert serving.stdout
        url = serving.stdout.readline().removeprefix("serving on ").strip()
        yield url, vkey, run
        serving.terminate()


def test_commands_show_the_log_to_a_witness_and_tell_what_it_caught(
    conn: Connection,
    keys: FileKeys,
    database_url: str,
    tmp_path: Path,
    partner: tuple[str, str, Callable[..., str]],
) -> None:
    url, key, run = partner
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WYE_")}
    clean |= {"WYE_DATABASE_URL": database_url, "WYE_HOME": str(tmp_path)}
    witnessed = clean | {"WYE_WITNESSES__POLICE__URL": url, "WYE_WITNESSES__POLICE__KEY": key}

    def wye(*words: str, environment: dict[str, str] = witnessed) -> "subprocess.CompletedProcess[str]":
        wye_ = Path(sys.executable).with_name("wye")
        return subprocess.run(
            [wye_, "audit", *words, "--json"], capture_output=True, text=True, check=False, env=environment, timeout=60
        )

    a_log(conn, keys, 6)
    unknown = wye("witness")
    run("watch", json.loads(wye("export", str(tmp_path / "log")).stdout)["key"])
    cosigned, good = wye("witness"), wye("verify")
    held = tmp_path / "held"
    held.write_text((tmp_path / "log" / "checkpoint").read_text())
    rewrite(conn, keys, 2)
    alone = wye("verify", environment=clean)
    caught, by_file = wye("verify"), wye("verify", "--held", str(held), environment=clean)

    assert (unknown.returncode, "does not watch this log" in unknown.stderr) == (3, True)
    assert (cosigned.returncode, json.loads(cosigned.stdout)["cosigned"]) == (0, {"police": 6})
    assert (good.returncode, json.loads(good.stdout)["witnessed"]) == (0, {"police": 6})
    assert run("show").splitlines() == [key, f"{ORIGIN} 6"]
    assert (alone.returncode, json.loads(alone.stdout)["ok"]) == (0, True)
    assert (caught.returncode, json.loads(caught.stdout)["check"]) == (1, "witness")
    assert (by_file.returncode, json.loads(by_file.stdout)["check"]) == (1, "held")
    assert wye("witness", environment=clean).returncode == 2
    assert wye("witness").returncode == 1
