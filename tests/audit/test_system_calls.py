"""A writer and a sequencer killed, or given an I/O error, at any system call; and the server killed meanwhile.

What was acknowledged is there, each message with its entry and no entry without its message, whole transactions only;
indices are dense; what is signed, in the database and in the file beside the keys, is the log that is there. The short
form takes some of the calls, `make test-long` takes each.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from audit_log import AT
from disturbed_log import MESSAGES, Stand, acknowledged, disclose, settings_for
from system_calls import Ended, How, Point

from wye.audit.checkpoint import origin_of
from wye.audit.merkle import root
from wye.audit.outside import KeptCheckpoints
from wye.audit.rows import checkpoints
from wye.audit.sequencer import sequence
from wye.audit.verify import verify
from wye.keys.file import FileKeys
from wye.local.cluster import Cluster
from wye.settings import Settings
from wye.store.database import connect, migrate

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]
LAST = 6
"""Calls before the end at which the short form stops too: there the work is durable, and not yet acknowledged."""

# What must not be, each counted; all messages of these logs come with an entry, and all entries with a message.
WRONG = """
SELECT 'entry without message', count(*) FROM audit.entry e WHERE NOT EXISTS (SELECT FROM exchange.outbox WHERE audit_id = e.id)
UNION ALL SELECT 'two messages of one entry', count(*) - count(DISTINCT audit_id) FROM exchange.outbox
UNION ALL SELECT 'entry without wrap', count(*) FROM audit.entry e WHERE NOT EXISTS (SELECT FROM keys.wrap WHERE value = e.id)
UNION ALL SELECT 'message without wrap', count(*) FROM exchange.outbox o
 WHERE NOT EXISTS (SELECT FROM keys.wrap WHERE value = o.id)
UNION ALL SELECT 'wrap of nothing', count(*) FROM keys.wrap w WHERE NOT EXISTS (SELECT FROM audit.entry WHERE id = w.value)
 AND NOT EXISTS (SELECT FROM exchange.outbox WHERE id = w.value)
UNION ALL SELECT 'entry without its five tokens', count(*) FROM audit.entry e
 WHERE (SELECT count(*) FROM audit.token WHERE entry = e.id) <> 5
UNION ALL SELECT 'neither in line nor indexed, or both', count(*) FROM audit.entry e
 WHERE EXISTS (SELECT FROM audit.staged WHERE entry = e.id) = EXISTS (SELECT FROM audit.index WHERE entry = e.id)
UNION ALL SELECT 'half a transaction', count(*) % 3 FROM exchange.outbox
UNION ALL SELECT 'hole in the indices', count(*) - coalesce(max(index) + 1, 0) FROM audit.index
UNION ALL SELECT 'index that is not signed', coalesce(max(index) + 1, 0) - coalesce((SELECT max(size) FROM audit.checkpoint), 0)
 FROM audit.index
"""


@dataclass
class Watch:
    """Hold a log that is disturbed, what was acknowledged of it, and where it was hit."""

    settings: Settings
    stand: Stand
    keys: FileKeys
    acknowledged: set[UUID] = field(default_factory=set)
    there: set[UUID] = field(default_factory=set)
    hit: set[tuple[str, int]] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    unacknowledged: int = 0
    """Times at which all was durable and the writer or sequencer never heard so."""
    lost: int = 0
    """Times at which a transaction was undone."""

    @property
    def url(self) -> str:
        return str(self.settings.database_url)

    @property
    def origin(self) -> str:
        return origin_of(self.settings.council)

    @property
    def kept(self) -> KeptCheckpoints:
        return KeptCheckpoints(self.settings.keys)

    def saw(self, point: Point, ended: Ended) -> None:
        if ended.hit is not None:
            self.hit.add((point.how, point.call))
            self.numbers.add(ended.hit)
        if point.how == "kill" and ended.hit is not None:
            assert ended.code == -9

    def check(self) -> None:
        """Look at all that must hold whenever nobody is at work."""
        with connect(self.url) as conn:
            _alone(conn)
            wrong = [(what, count) for what, count in conn.execute(WRONG).fetchall() if count]
            self.there = {UUID(str(one)) for (one,) in conn.execute("SELECT id FROM exchange.outbox").fetchall()}
            self.kept.check(conn, self.keys, self.origin)
        assert wrong == []
        assert self.acknowledged <= self.there

    def disturbed_append(self, point: Point, kill: Path | None = None) -> None:
        before = len(self.there)
        ended = self.stand.append(point, kill)
        told = acknowledged(ended)
        self.acknowledged |= told
        self.saw(point, ended)
        if kill is None:
            self.check_append(before, len(told), ended)

    def check_append(self, before: int, told: int, ended: Ended) -> None:
        self.check()
        more = len(self.there) - before - told
        assert more in {0, MESSAGES}, "more is there than the one transaction that was not acknowledged"
        self.unacknowledged += more > 0
        self.lost += more == 0 and ended.code != 0

    def disturbed_sequence(self, point: Point, kill: Path | None = None) -> None:
        with connect(self.url) as conn:
            while sequence(conn, self.keys, self.origin, AT):  # as few wait as in the run that was counted
                pass
            self.acknowledged |= set(disclose(conn, self.keys))
        before = self.size()
        ended = self.stand.sequence(point, kill)
        told = int.from_bytes(ended.told)
        self.saw(point, ended)
        if kill is None:
            self.check_sequence(before, told)

    def check_sequence(self, before: int, told: int) -> None:
        self.check()
        size = self.size()
        assert told in {0, size}, "a size was told that the log has not"
        assert before <= size
        self.unacknowledged += size > before and not told
        self.lost += size == before

    def size(self) -> int:
        with connect(self.url) as conn:
            _alone(conn)
            return int(str(conn.execute("SELECT count(*) FROM audit.index").fetchone()[0]))  # type: ignore[index]

    def end(self) -> None:
        """Sequence what is left, undisturbed, and compare all that was ever signed with the leaves, naively."""
        ended = self.stand.sequence()
        assert ended.code == 0, ended.raised
        self.check()
        with connect(self.url) as conn:
            found = verify(conn, self.keys)
            leaves = [bytes(leaf) for (leaf,) in conn.execute("SELECT leaf FROM audit.index ORDER BY index").fetchall()]  # type: ignore[call-overload]
            signed = [(each.size, each.root) for each in checkpoints(conn)]
        assert (found.ok, found.entries, found.waiting) == (True, len(self.there), 0)
        assert [each for _, each in signed] == [root(leaves[:size]) for size, _ in signed]


def _alone(conn: psycopg.Connection[tuple[object, ...]]) -> None:
    """Wait until sessions of whoever was killed are gone: until then what they asked for may still be done."""
    until = time.monotonic() + 10
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while conn.execute(others).fetchone() != (0,):
        assert time.monotonic() < until, "a session stays"
        time.sleep(0.002)


@pytest.fixture
def watch(database_url: str, tmp_path: Path) -> Iterator[Watch]:
    yield from _watch(database_url, tmp_path)


def _watch(url: str, home: Path) -> Iterator[Watch]:
    settings = settings_for(url, home)
    keys = FileKeys.open(settings.keys)
    with Stand(settings) as stand:
        yield Watch(settings, stand, keys)


def _points(calls: int, step: int, hows: Sequence[How] = ("kill", "error")) -> list[Point]:
    """Every `step`th call, and the last ones in any case."""
    chosen = sorted({*range(1, calls + 1, step), *range(max(1, calls - LAST), calls + 1)})
    return [Point(call, how) for call in chosen for how in hows]


def _disturb_appends(watch: Watch, step: int) -> tuple[int, int]:
    plain = watch.stand.append()
    watch.acknowledged |= acknowledged(plain)
    watch.check()
    assert len(watch.there) == len(watch.acknowledged) > 0
    points = _points(plain.calls, step)
    for point in points:
        watch.disturbed_append(point)
    watch.end()
    return len(points), len(watch.hit)


def _disturb_sequences(watch: Watch, step: int) -> tuple[int, int]:
    with connect(watch.url) as conn:
        watch.acknowledged |= set(disclose(conn, watch.keys))
    plain = watch.stand.sequence()
    watch.check()
    points = _points(plain.calls, step)
    for point in points:
        watch.disturbed_sequence(point)
    watch.end()
    return len(points), len(watch.hit)


def test_append_disturbed_at_some_system_calls_keeps_what_was_acknowledged_and_no_half(watch: Watch) -> None:
    chosen, hit = _disturb_appends(watch, 11)

    assert hit >= chosen - LAST  # a call more or less may be made while waiting
    assert min(watch.lost, watch.unacknowledged) > 0
    assert len(watch.numbers) >= 4  # random bytes, send, wait, receive


def test_sequence_disturbed_at_some_system_calls_stays_dense_and_signed(watch: Watch) -> None:
    chosen, hit = _disturb_sequences(watch, 9)

    assert hit >= chosen - LAST
    assert min(watch.lost, watch.unacknowledged) > 0
    assert len(watch.numbers) >= 6  # files too


@pytest.mark.long
def test_append_disturbed_at_every_system_call(watch: Watch) -> None:
    chosen, hit = _disturb_appends(watch, 1)

    assert hit >= chosen - LAST
    assert hit >= 200
    assert min(watch.lost, watch.unacknowledged) > 1


@pytest.mark.long
def test_sequence_disturbed_at_every_system_call(watch: Watch) -> None:
    chosen, hit = _disturb_sequences(watch, 1)

    assert hit >= chosen - LAST
    assert hit >= 120
    assert min(watch.lost, watch.unacknowledged) > 1


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A server that nobody else uses, durable as a hub's."""
    one = Cluster(tmp_path / "cluster")
    one.start()
    yield one
    one.erase()


def _kill_servers(own: Cluster, home: Path, step: int) -> Watch:
    """Kill every process of the server at a system call of its client, start it again, and look."""
    url = own.create_database("killed")
    migrate(url)
    for watch in _watch(url, home):
        appending = watch.stand.append()
        watch.acknowledged |= acknowledged(appending)
        sequencing = watch.stand.sequence()
        watch.check()
        for point in _points(appending.calls, step, ["meanwhile"]):
            before, heard = len(watch.there), len(watch.acknowledged)
            watch.disturbed_append(point, own.data)
            own.start()
            watch.check_append(before, len(watch.acknowledged) - heard, Ended(code=1))
        for point in _points(sequencing.calls, step, ["meanwhile"]):
            before = watch.size()
            watch.disturbed_sequence(point, own.data)
            own.start()
            watch.check_sequence(before, 0)
        watch.end()
        return watch
    raise AssertionError


@pytest.mark.long
def test_server_killed_at_system_calls_of_its_clients_keeps_what_it_acknowledged(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    watch = _kill_servers(own_cluster, tmp_path / "home", 10)

    assert len(watch.hit) >= 25
    assert min(watch.lost, watch.unacknowledged) > 0
