"""A failed expectation holds a batch in a real Airflow: the task is red at once, nothing is removed, no value is kept.

The system is the real counterpart of Mosaic; it suddenly lists few of its people, as after a load that was cut short.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from connectors.frameworki.counterpart.load import load
from wye import bootstrap
from wye.county import make
from wye.local.airflow import ChildAirflow
from wye.local.cluster import Cluster
from wye.road.holds import release, report
from wye.settings import Settings

pytestmark = [pytest.mark.long, pytest.mark.services, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
DAG = "ingest_frameworki"
HEARD = """
from airflow.sdk import Asset, dag, task

@dag(schedule=[Asset("wye://landed/frameworki")], catchup=False)
def heard():
    @task
    def hear():
        return 1
    hear()

heard()
"""
"""Stands for whatever waits for the source: Airflow keeps no event that nobody waits for."""


@dataclass
class Trial:
    airflow: ChildAirflow
    settings: Settings
    hub: str
    metadata: str

    def ingest(self) -> dict[str, tuple[str, int]]:
        """Let Airflow run the DAG once; gives each task's state and how often it was tried."""
        run = self.airflow.trigger(DAG)
        self.airflow.wait(DAG, run)
        found = self.ask(
            self.metadata,
            "SELECT task_id, state, try_number FROM task_instance WHERE run_id = %s AND dag_id = %s",
            run,
            DAG,
        )
        return {str(task): (str(state), int(str(tries))) for task, state, tries in found}

    def ask(self, url: str, question: str, *given: object) -> list[tuple[object, ...]]:
        with psycopg.connect(url) as conn:
            return conn.execute(question, given or None).fetchall()  # type: ignore[call-overload, no-any-return]  # ours

    def people(self) -> int:
        question = "SELECT count(*) FROM canonical.row WHERE stream = 'persons' AND entity = 'person' AND superseded_at IS NULL"
        return int(str(self.ask(self.hub, question)[0][0]))

    def landed_events(self) -> int:
        question = "SELECT count(*) FROM asset_event e JOIN asset a ON a.id = e.asset_id WHERE a.uri = 'wye://landed/frameworki'"
        return int(str(self.ask(self.metadata, question)[0][0]))


@pytest.fixture(scope="module")
def trial(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    home = tmp_path_factory.mktemp("hold")
    hub = cluster.create_database(f"test_hold_hub_{os.getpid()}")
    metadata = cluster.create_database(f"test_hold_airflow_{os.getpid()}")
    make(home / "county", 300, 5)
    load(home / "county" / "frameworki", hub)
    (home / "dags").mkdir()
    shutil.copy(ROOT / "dags" / "ingest.py", home / "dags")
    (home / "dags" / "heard.py").write_text(HEARD)
    given = {
        "WYE_HOME": str(home),
        "WYE_DATABASE_URL": hub,
        "WYE_AMQP_URL": "amqp://127.0.0.1:1/none",
        "WYE_AGREEMENTS": str(ROOT / "sharing_agreements"),
        "WYE_ALLOW_EXAMPLE_SIGNERS": "true",
        "WYE_SOURCES__FRAMEWORKI__URL": hub,
    }
    settings = Settings(
        home=home,
        database_url=hub,
        amqp_url=given["WYE_AMQP_URL"],
        agreements=ROOT / "sharing_agreements",
        allow_example_signers=True,
        sources={"frameworki": {"url": hub}},
    )
    with ChildAirflow(home, metadata, home / "dags", given) as airflow:
        yield Trial(airflow, settings, hub, metadata)


def test_failed_expectation_holds_the_batch_and_the_task_is_red_until_a_person_decides(trial: Trial) -> None:
    assert trial.ingest() == {"read_and_map": ("success", 1), "check_held": ("success", 1)}
    people = trial.people()
    assert people > 60

    trial.ask(trial.hub, "DELETE FROM mosaic.dm_persons WHERE person_id % 2 = 0 RETURNING 1")
    assert trial.ingest() == {"read_and_map": ("success", 1), "check_held": ("failed", 1)}

    assert trial.people() == people, "nobody was removed"
    with bootstrap.open_hub(trial.settings) as hub:
        found = report(hub)
    assert {(row["stream"], row["rule"]) for row in found["rules"] if row["outcome"] == "hold"} == {
        ("persons", "no mass deletion")
    }
    assert {str(row["stream"]) for row in found["held"]} == {"persons"}
    assert trial.landed_events() == 2, "what was mapped is announced all the same"

    kept = trial.ask(trial.metadata, "SELECT value::text FROM xcom")
    names = trial.ask(
        trial.hub, "SELECT last_name FROM mosaic.dm_persons UNION SELECT first_name FROM mosaic.dm_persons"
    )
    words = {word for (text,) in kept for word in str(text).replace('"', " ").replace(",", " ").split()}
    assert kept
    assert not words & {str(name) for (name,) in names}

    with bootstrap.open_hub(trial.settings) as hub:
        release(hub, "frameworki.persons", "the service was handed over")
    assert trial.ingest() == {"read_and_map": ("success", 1), "check_held": ("success", 1)}
    assert trial.people() < people
