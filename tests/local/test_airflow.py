import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from wye.errors import EnvironmentFault
from wye.local import process
from wye.local.airflow import CHILDREN, ChildAirflow
from wye.local.cluster import Cluster

pytestmark = [pytest.mark.long, pytest.mark.services]

DAGS = Path(__file__).parent / "dags"


@pytest.fixture(scope="module")
def airflow(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildAirflow]:
    home = tmp_path_factory.mktemp("airflow")
    url = cluster.create_database(f"test_airflow_{os.getpid()}")
    with ChildAirflow(home, url, DAGS, {"WYE_TINY": "given"}) as one:
        yield one


def test_run_succeeds_and_its_asset_starts_another(airflow: ChildAirflow) -> None:
    run = airflow.trigger("tiny_first")

    assert airflow.wait("tiny_first", run) == "success"
    airflow.wait_until_idle()
    assert airflow.runs("tiny_first") == [(run, "success")]
    assert [state for _, state in airflow.runs("tiny_second")] == ["success"]


def test_failing_run_ends_as_failed(airflow: ChildAirflow) -> None:
    assert airflow.wait("tiny_failing", airflow.trigger("tiny_failing")) == "failed"


def test_dags_are_those_of_the_folder_and_all_could_be_read(airflow: ChildAirflow) -> None:
    airflow.trigger("tiny_first")  # waits until the folder was read

    assert set(airflow.dags()) == {"tiny_first", "tiny_second", "tiny_failing"}
    assert airflow.import_errors() == {}


def test_unknown_dag_is_named(airflow: ChildAirflow) -> None:
    with pytest.raises(EnvironmentFault, match="no DAG `nowhere`"):
        airflow.trigger("nowhere", patience=1)
    assert airflow.runs("nowhere") == []


def test_secrets_and_logs_are_closed_to_others(airflow: ChildAirflow) -> None:
    files = [path for path in airflow.home.iterdir() if path.is_file()]

    assert {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in files} == dict.fromkeys(
        (path.name for path in files), 0
    )
    assert stat.S_IMODE(airflow.home.stat().st_mode) == 0o700
    assert {"airflow.cfg", "password", "jwt_secret", "fernet"} <= {path.name for path in files}


def test_everything_ends_with_it_even_after_its_starter_was_killed(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.create_database(f"test_airflow_again_{os.getpid()}")
    first = ChildAirflow(tmp_path, url, DAGS, {})
    first.start()
    killed, left = first.pids[0], first.pids[1:]
    os.kill(killed, signal.SIGKILL)

    with ChildAirflow(tmp_path, url, DAGS, {}) as second:
        again = second.pids
        for child in first._children.values():  # bury them: here, their starter lives on
            child.wait()

        assert all(process.started(pid) is None for pid in [killed, *left])
        assert len(again) == len(CHILDREN)
    assert all(process.started(pid) is None for pid in again)
    assert children_of_groups([*again, killed, *left]) == []


def children_of_groups(groups: list[int]) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and process.started(int(entry.name)) is not None:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) in groups:
                found.append(int(entry.name))
    return found


def test_missing_database_says_what_to_run_and_leaves_nothing_running(cluster: Cluster, tmp_path: Path) -> None:
    airflow = ChildAirflow(tmp_path, cluster.url(f"test_none_{os.getpid()}"), DAGS, {})

    with pytest.raises(EnvironmentFault, match="airflow's database does not answer"):
        airflow.start()
    assert airflow.pids == []
