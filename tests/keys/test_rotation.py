"""Rotation and retirement: every value still opens, whatever is interrupted, and an old backup ends when it must."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from soft_token import MODULE, PIN

from wye.audit.event import Event, read_body
from wye.errors import EnvironmentFault, EvidenceBroken
from wye.keys import rotation_rows
from wye.keys.file import FileKeys
from wye.keys.provider import KeyProvider
from wye.keys.rows import delete_wraps_of_holder, insert_wraps, unseal_values, wraps_by_provider_key
from wye.keys.sealing import Sealed, seal, seal_many
from wye.keys.token import TokenKeys
from wye.road.retire import Retired, retire
from wye.road.rotate import Rotated, rotate
from wye.store.database import Connection, connect
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAYS = 35
LATER = AT + timedelta(days=DAYS)
HOLDERS = [UUID(int=1001), UUID(int=1002), UUID(int=1003)]

RUN = """
import sys
from datetime import datetime
from pathlib import Path
from wye.keys.file import FileKeys
from wye.road.retire import retire
from wye.road.rotate import rotate
from wye.store.database import connect
verb, url, folder, at = sys.argv[1:]
with connect(url) as conn:
    keys = FileKeys.open(Path(folder), create=False)
    if verb == "rotate":
        rotate(conn, keys, actor="a-keeper", at=datetime.fromisoformat(at), batch=10)
    else:
        retire(conn, keys, actor="a-keeper", at=datetime.fromisoformat(at), backup_days=35)
"""


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as conn:
        yield conn


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.open(tmp_path / "keys")


def stored(conn: Connection, keys: KeyProvider, count: int) -> dict[UUID, Sealed]:
    values = [(uuid4(), HOLDERS[n % 3], f"text {n}".encode()) for n in range(count)]
    sealed = seal_many(keys, values)
    with conn.transaction():
        insert_wraps(conn, sealed)
    return {each.value: each for each in sealed}


def opened(conn: Connection, keys: KeyProvider, sealed: dict[UUID, Sealed]) -> set[bytes]:
    return set(unseal_values(conn, keys, {value: each.ciphertext for value, each in sealed.items()}).values())


def texts(count: int) -> set[bytes]:
    return {f"text {n}".encode() for n in range(count)}


def turned(conn: Connection, keys: KeyProvider, batch: int = 10, at: datetime = AT) -> Rotated:
    return rotate(conn, keys, actor="a-keeper", at=at, batch=batch)


def ended(conn: Connection, keys: KeyProvider, at: datetime = LATER, *, now: bool = False) -> Retired:
    return retire(conn, keys, actor="a-keeper", at=at, backup_days=DAYS, now=now)


def record(conn: Connection, keys: KeyProvider) -> list[Event]:
    """Every event about keys, oldest first."""
    found = conn.execute("SELECT id, ciphertext FROM audit.entry ORDER BY id").fetchall()
    events = [read_body(body) for _, body in sorted(unseal_values(conn, keys, dict(found)).items())]
    return [each for each in events if each.kind == EventKind.KEY]


def in_a_program_of_its_own(verb: str, url: str, keys: FileKeys, at: datetime, failpoint: str | None = None) -> int:
    environment = os.environ | ({"WYE_FAILPOINT": failpoint} if failpoint else {})
    command = [sys.executable, "-c", RUN, verb, url, str(keys.folder), at.isoformat()]
    return subprocess.run(command, env=environment, check=False, timeout=120).returncode


def test_rotation_moves_every_wrap_and_touches_no_ciphertext(conn: Connection, provider: KeyProvider) -> None:
    sealed = stored(conn, provider, 35)
    first, told = provider.current, []

    done = rotate(conn, provider, actor="a-keeper", at=AT, batch=10, tell=lambda moved, of: told.append((moved, of)))

    assert (done.current, done.superseded) == (provider.current, (first,))
    assert (done.resumed, done.left, done.broken) == (False, 0, ())
    assert told[0] == (10, 35)
    assert told[-1] == (35, 35)
    assert set(wraps_by_provider_key(conn)) == {provider.current}
    assert opened(conn, provider, sealed) == texts(35)


def test_rotation_is_on_the_record(conn: Connection, keys: FileKeys) -> None:
    stored(conn, keys, 12)
    first = keys.current

    turned(conn, keys)
    ended(conn, keys)

    events = record(conn, keys)
    assert [each.outcome for each in events] == ["superseded", "rewrapped", "retired", "destroyed"]
    assert {each.actor for each in events} == {"a-keeper"}
    assert {each.detail["key"] for each in events} == {first}
    assert events[0].detail["current"] == keys.current
    assert events[1].counts == {"wraps": 12}


def test_rotation_asked_for_twice_makes_two_keys_and_loses_nothing(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, 25)

    first, second = turned(conn, keys), turned(conn, keys)

    assert len({*first.superseded, first.current, second.current}) == 3
    assert len(second.superseded) == 2
    assert opened(conn, keys, sealed) == texts(25)
    assert len(ended(conn, keys).destroyed) == 2
    assert opened(conn, keys, sealed) == texts(25)


@pytest.mark.parametrize("failpoint", ["rotate.after_new_key", "rotate.before_commit"])
def test_rotation_killed_goes_on_when_asked_again(
    conn: Connection, keys: FileKeys, database_url: str, failpoint: str
) -> None:
    sealed = stored(conn, keys, 25)
    first = keys.current

    assert in_a_program_of_its_own("rotate", database_url, keys, AT, failpoint) == -signal.SIGKILL
    assert opened(conn, FileKeys.open(keys.folder), sealed) == texts(25)
    assert in_a_program_of_its_own("rotate", database_url, keys, AT) == 0

    again = FileKeys.open(keys.folder)
    assert len(again.wrapping_keys) == 2
    assert set(wraps_by_provider_key(conn)) == {again.current} != {first}
    assert opened(conn, again, sealed) == texts(25)
    assert [each.outcome for each in record(conn, again)] == ["superseded", "rewrapped"]


def test_rotation_killed_in_the_middle_counts_all_in_the_end(
    conn: Connection, keys: FileKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = stored(conn, keys, 35)
    moved = rotation_rows.rewrap
    batches: list[int] = []

    def stop_at_the_third(conn: Connection, wraps: Sequence[tuple[rotation_rows.OldWrap, str, bytes]]) -> None:
        batches.append(len(wraps))
        if len(batches) == 3:
            raise KeyboardInterrupt
        moved(conn, wraps)

    monkeypatch.setattr(rotation_rows, "rewrap", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        turned(conn, keys)
    monkeypatch.undo()
    assert sorted(wraps_by_provider_key(conn).values()) == [15, 21]

    done = turned(conn, keys)

    assert (done.resumed, done.rewrapped, done.left) == (True, 15, 0)
    assert record(conn, keys)[-1].counts == {"wraps": 35}
    assert opened(conn, keys, sealed) == texts(35)


def test_two_rotations_at_once_are_one_and_a_refusal(conn: Connection, keys: FileKeys, database_url: str) -> None:
    stored(conn, keys, 5)

    with connect(database_url) as other, rotation_rows.alone(other), pytest.raises(EnvironmentFault, match="another"):
        turned(conn, keys)

    assert len(keys.wrapping_keys) == 1
    assert turned(conn, keys).left == 0


def test_writers_that_go_on_during_a_rotation_lose_nothing(conn: Connection, keys: FileKeys, database_url: str) -> None:
    sealed = stored(conn, keys, 300)
    others: dict[UUID, Sealed] = {}
    done = threading.Event()

    def write() -> None:
        mine = FileKeys.open(keys.folder)  # never renewed: it knows the old key only
        with connect(database_url) as writing:
            while not done.is_set() or not others:
                each = seal(mine, uuid4(), HOLDERS[0], b"meanwhile")
                insert_wraps(writing, [each])
                others[each.value] = each

    writer = threading.Thread(target=write)
    writer.start()
    turned(conn, keys)
    done.set()
    writer.join()

    assert ended(conn, keys).destroyed or turned(conn, keys).left == 0
    ended(conn, keys)
    assert len(keys.wrapping_keys) == 1
    assert opened(conn, keys, sealed) == texts(300)
    assert opened(conn, keys, others) == {b"meanwhile"}


def test_shredding_meanwhile_is_neither_held_up_nor_undone(conn: Connection, keys: FileKeys, database_url: str) -> None:
    sealed = stored(conn, keys, 30)
    gone = {value for value, each in sealed.items() if each.holder == HOLDERS[0]}

    with connect(database_url) as other, other.transaction():
        delete_wraps_of_holder(other, HOLDERS[0])
        turned(conn, keys)
        held = wraps_by_provider_key(conn)
    turned(conn, keys)

    assert sorted(held.values()) == [10, 21]  # 20 moved and the entry; the 10 that are going were passed over
    assert opened(conn, keys, sealed) == {f"text {n}".encode() for n in range(30) if n % 3}
    assert not gone & set(unseal_values(conn, keys, {value: sealed[value].ciphertext for value in gone}))
    assert set(wraps_by_provider_key(conn)) == {keys.current}


def test_wrap_that_does_not_open_is_named_and_holds_up_no_other(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, 25)
    broken = sorted(sealed)[7]
    conn.execute("UPDATE keys.wrap SET wrapped = 'x' WHERE value = %s", (broken,))

    done = turned(conn, keys)

    assert (done.broken, done.left) == ((broken,), 0)
    assert opened(conn, keys, {value: each for value, each in sealed.items() if value != broken}) <= texts(25)
    assert record(conn, keys)[-1].outcome == "superseded"
    kept = ended(conn, keys).kept
    assert list(kept) == list(done.superseded)
    assert "not all been moved" in kept[done.superseded[0]]


def test_key_is_kept_until_backups_have_ended_and_then_destroyed(conn: Connection, provider: KeyProvider) -> None:
    sealed = stored(conn, provider, 5)
    done = turned(conn, provider)
    (old,) = done.superseded

    early = ended(conn, provider, LATER - timedelta(seconds=1))
    assert (early.destroyed, list(early.kept)) == ((), [old])
    assert old in provider.wrapping_keys

    assert ended(conn, provider) == Retired((old,), {})
    assert provider.wrapping_keys == (done.current,)
    assert opened(conn, provider, sealed) == texts(5)
    assert ended(conn, provider) == Retired((), {})


def test_key_is_destroyed_at_once_when_asked_so(conn: Connection, keys: FileKeys) -> None:
    stored(conn, keys, 5)
    (old,) = turned(conn, keys).superseded

    assert ended(conn, keys, AT, now=True).destroyed == (old,)


def test_backup_opens_until_its_key_is_destroyed_and_never_again(conn: Connection, keys: FileKeys) -> None:
    sealed = stored(conn, keys, 9)
    backup = conn.execute("SELECT value, holder, provider_key, wrapped FROM keys.wrap").fetchall()
    delete_wraps_of_holder(conn, HOLDERS[1])

    def restored() -> set[bytes]:
        with conn.transaction(force_rollback=True):
            conn.execute("SET LOCAL session_replication_role = replica")
            conn.execute("DELETE FROM keys.wrap")
            with conn.cursor() as cursor:
                cursor.executemany("INSERT INTO keys.wrap VALUES (%s, %s, %s, %s)", backup)
            return opened(conn, keys, sealed)

    turned(conn, keys)
    assert restored() == texts(9)  # also what was shredded since: hence the end of old keys
    ended(conn, keys)

    with pytest.raises(EvidenceBroken, match="no wrapping key"):
        restored()
    assert len(opened(conn, keys, sealed)) == 6


@pytest.mark.parametrize("failpoint", ["retire.before_destroy", "retire.after_destroy"])
def test_retirement_killed_is_done_when_asked_again(
    conn: Connection, keys: FileKeys, database_url: str, failpoint: str
) -> None:
    sealed = stored(conn, keys, 5)
    (old,) = turned(conn, keys).superseded

    assert in_a_program_of_its_own("retire", database_url, keys, LATER, failpoint) == -signal.SIGKILL
    assert ended(conn, keys).destroyed == (old,)

    assert FileKeys.open(keys.folder).wrapping_keys == (keys.current,)
    assert [each.outcome for each in record(conn, keys)][-2:] == ["retired", "destroyed"]
    assert opened(conn, keys, sealed) == texts(5)


def test_nothing_can_be_wrapped_under_a_retired_key(conn: Connection, keys: FileKeys, database_url: str) -> None:
    stale = FileKeys.open(keys.folder)
    turned(conn, keys)
    ended(conn, keys)
    late = seal(stale, uuid4(), HOLDERS[0], b"late")

    with pytest.raises(psycopg.errors.RaiseException, match="is retired"):
        insert_wraps(conn, [late])
    with pytest.raises(psycopg.errors.RaiseException, match="is retired"):
        conn.execute("UPDATE keys.wrap SET provider_key = %s", (late.provider_key,))

    stale.renew()
    insert_wraps(conn, [seal(stale, uuid4(), HOLDERS[0], b"in time")])
    assert database_url


def test_retirement_waits_for_a_wrap_that_is_being_made_and_then_keeps_the_key(
    conn: Connection, keys: FileKeys, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The wrap is made after the last look at what is left, and committed after retiring began.
    stale = FileKeys.open(keys.folder)
    (old,) = turned(conn, keys).superseded
    late = seal(stale, uuid4(), HOLDERS[0], b"late")
    looked, found = threading.Event(), []
    whole = rotation_rows.retire_if_unused

    def after_another_began(conn: Connection, provider_key: str, at: datetime) -> int:
        looked.wait()
        return whole(conn, provider_key, at)

    monkeypatch.setattr(rotation_rows, "retire_if_unused", after_another_began)

    def end() -> None:
        with connect(database_url) as mine:
            found.append(ended(mine, FileKeys.open(keys.folder)))

    ending = threading.Thread(target=end)
    with connect(database_url) as writing, writing.transaction():
        insert_wraps(writing, [late])
        ending.start()
        looked.set()
        ending.join(timeout=0.5)
        assert ending.is_alive()  # it waits for this transaction
    ending.join(timeout=30)

    assert "still wraps 1" in found[0].kept[old]
    assert opened(conn, keys, {late.value: late}) == {b"late"}


def test_rotation_in_a_token_is_seen_by_a_hub_that_is_open(conn: Connection, token_label: str, tmp_path: Path) -> None:
    keys = TokenKeys.open(MODULE, token_label, PIN, create_under=tmp_path / "keys")
    worker = TokenKeys.open(MODULE, token_label, PIN)
    sealed = stored(conn, worker, 12)

    turned(conn, keys)

    assert opened(conn, worker, sealed) == texts(12)
    assert worker.current == keys.current
