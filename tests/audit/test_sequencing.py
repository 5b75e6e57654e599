# ruff: noqa: S608  the statements are constants of this file
"""The sequencer: dense indices, nothing lost or twice, however it is disturbed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from audit_log import AT, ORIGIN, a_log, an_event, indices, sequence_all

from wye.audit.append import append
from wye.audit.checkpoint import verifier_key
from wye.audit.merkle import root
from wye.audit.sequencer import sequence
from wye.audit.verifier import open_note
from wye.audit.verify import verify
from wye.errors import EvidenceBroken
from wye.keys.file import FileKeys
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services

SEQUENCE = """
import sys
from datetime import datetime
from pathlib import Path
from wye.audit.sequencer import sequence
from wye.keys.file import FileKeys
from wye.store.database import connect
with connect(sys.argv[1]) as conn:
    sequence(conn, FileKeys.open(Path(sys.argv[2])), sys.argv[3], datetime.fromisoformat(sys.argv[4]))
"""


def test_appended_entries_wait_and_are_then_indexed_densely(conn: Connection, keys: FileKeys) -> None:
    appended = append(conn, keys, [an_event() for _ in range(7)], AT)
    assert verify(conn, keys).waiting == 7

    made = sequence_all(conn, keys, batch=3)

    assert [each.size for each in made] == [3, 6, 7]
    assert indices(conn) == [(n, each.id) for n, each in enumerate(appended)]
    leaves = [each.leaf for each in appended]
    vkey = verifier_key(ORIGIN, keys.signing_key().public_key())
    for each in made:
        assert each.root == root(leaves[: each.size])
        assert open_note(each.note, vkey).root == each.root
    assert verify(conn, keys).ok
    assert verify(conn, keys).waiting == 0


def test_nothing_waiting_makes_no_checkpoint(conn: Connection, keys: FileKeys) -> None:
    assert sequence(conn, keys, ORIGIN, AT) is None
    assert append(conn, keys, [], AT) == []
    assert verify(conn, keys).ok


def test_entry_of_a_transaction_that_fails_is_not_there(conn: Connection, keys: FileKeys) -> None:
    with conn.transaction(force_rollback=True):
        append(conn, keys, [an_event()], AT)

    assert sequence(conn, keys, ORIGIN, AT) is None
    for table in ("audit.entry", "audit.token", "keys.wrap", "audit.staged"):
        assert conn.execute(psycopg.sql.SQL(f"SELECT count(*) FROM {table}")).fetchone() == (0,)


def test_entry_committed_after_younger_ones_were_sequenced_is_not_passed_over(
    conn: Connection, keys: FileKeys, database_url: str
) -> None:
    with connect(database_url) as slow, slow.transaction():
        (late,) = append(slow, keys, [an_event()], AT)
        time.sleep(0.005)  # so that its id is surely the older one
        (early,) = append(conn, keys, [an_event()], AT)
        sequence_all(conn, keys)
        assert indices(conn) == [(0, early.id)]

    sequence_all(conn, keys)

    assert late.id < early.id
    assert indices(conn) == [(0, early.id), (1, late.id)]
    assert verify(conn, keys).ok


def test_sequencer_killed_before_commit_and_run_again_loses_nothing(
    conn: Connection, keys: FileKeys, database_url: str
) -> None:
    a_log(conn, keys, 5)
    append(conn, keys, [an_event() for _ in range(6)], AT)
    command = [sys.executable, "-c", SEQUENCE, database_url, str(keys.folder), ORIGIN, AT.isoformat()]

    killed = subprocess.run(command, env=os.environ | {"WYE_FAILPOINT": "sequence.before_commit"}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(indices(conn)) == 5
    subprocess.run(command, check=True)

    assert [index for index, _ in indices(conn)] == list(range(11))
    verification = verify(conn, keys)
    assert (verification.ok, verification.size, verification.waiting) == (True, 11, 0)


def test_sequencers_and_writers_at_once_make_one_dense_log(conn: Connection, keys: FileKeys, database_url: str) -> None:
    start, done = threading.Barrier(5), threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        with connect(database_url) as mine:
            start.wait()
            for _ in range(20):
                append(mine, keys, [an_event() for _ in range(5)], AT)

    def keep_sequencing() -> None:
        with connect(database_url) as mine:
            start.wait()
            while not done.is_set():
                sequence(mine, keys, ORIGIN, AT, batch=7)

    def kept(work: object) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  told below
            failed.append(error)

    writers = [threading.Thread(target=kept, args=(write,)) for _ in range(3)]
    sequencers = [threading.Thread(target=kept, args=(keep_sequencing,)) for _ in range(2)]
    for thread in writers + sequencers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sequencers:
        thread.join()
    sequence_all(conn, keys)

    assert failed == []
    assert [index for index, _ in indices(conn)] == list(range(300))
    verification = verify(conn, keys)
    assert (verification.ok, verification.entries, verification.waiting) == (True, 300, 0)


DAMAGES = (
    "UPDATE audit.checkpoint SET root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE size = 7",
    "DELETE FROM audit.index WHERE index = 6",
    "UPDATE audit.index SET leaf = set_byte(leaf, 0, get_byte(leaf, 0) # 1) WHERE index = 6",
    "DELETE FROM audit.node WHERE level = 2",
    "UPDATE audit.node SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE level = 2",
    "DELETE FROM audit.checkpoint WHERE size = 7",
)


def test_sequencer_on_an_altered_log_signs_nothing(conn: Connection, keys: FileKeys) -> None:
    a_log(conn, keys, 4, 3)
    append(conn, keys, [an_event()], AT)
    conn.execute("SET session_replication_role = replica")

    for damage in DAMAGES:
        with conn.transaction(force_rollback=True):
            conn.execute(damage)
            before = conn.execute("SELECT count(*) FROM audit.checkpoint").fetchone()
            with pytest.raises(EvidenceBroken, match="audit verify"):
                sequence(conn, keys, ORIGIN, AT)
            assert conn.execute("SELECT count(*) FROM audit.checkpoint").fetchone() == before, damage
    assert sequence(conn, keys, ORIGIN, AT)


def test_log_refuses_to_be_changed(conn: Connection, keys: FileKeys) -> None:
    a_log(conn, keys, 3)
    columns = {"entry": "header", "index": "leaf", "node": "hash", "checkpoint": "note"}

    for table, column in columns.items():
        for statement in (
            f"UPDATE audit.{table} SET {column} = {column}",
            f"DELETE FROM audit.{table}",
            f"TRUNCATE audit.{table} CASCADE",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                conn.execute(statement)


def test_sequencer_in_a_program_of_its_own_uses_the_same_keys(
    conn: Connection, keys: FileKeys, database_url: str, tmp_path: Path
) -> None:
    append(conn, keys, [an_event()], AT)
    command = [sys.executable, "-c", SEQUENCE, database_url, str(keys.folder), ORIGIN, AT.isoformat()]

    subprocess.run(command, check=True)

    assert verify(conn, keys).ok
    assert verify(conn, FileKeys.open(tmp_path / "others")).check == "checkpoint"
