"""The demo, as a newcomer runs it: through Airflow, to the proof, and without a word too many."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from leaks import THEIR_OWN, in_database, in_files, markers

from wye.cli.demo import AIRFLOW
from wye.local.broker import Broker
from wye.local.cluster import Cluster

ROOT = Path(__file__).parents[2]
PEOPLE = 400


@dataclass
class Shown:
    """Hold a finished demo: its summary, what it said, and where it worked."""

    summary: dict[str, Any]
    said: str
    home: Path
    cluster: Cluster

    @property
    def hub_url(self) -> str:
        """Give the hub's database."""
        return next(self.cluster.url(name) for name in names(self.cluster) if name.endswith("_hub"))


def names(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.url("postgres")) as conn:
        return [str(name) for (name,) in conn.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")]


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    home = ROOT / "var" / "demo-tests"
    environment = {**{k: v for k, v in os.environ.items() if not k.startswith("WYE_")}, "WYE_HOME": str(home)}
    cluster, broker = Cluster(home), Broker(home)
    try:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "wye"), "demo", "--json", "--people", str(PEOPLE), "--seed", "3"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        yield Shown(json.loads(done.stdout), done.stderr, home, cluster)
    finally:
        broker.stop()
        cluster.stop()


pytestmark = pytest.mark.timeout(900)


def test_summary_counts_what_was_read_and_quarantined(shown: Shown) -> None:
    sources = shown.summary["sources"]

    assert set(sources) == {"agresso", "civica_revenues", "crm", "frameworki", "nhs_fhir", "police"}
    assert all(source["read"] > 0 for source in sources.values())
    assert sum(source["quarantined"] for source in sources.values()) > 0


def test_summary_counts_people(shown: Shown) -> None:
    people = shown.summary["people"]

    assert people["indexed"] > 100
    assert people["precision"] > 0.97
    assert people["recall"] > 0.8


def test_released_and_withheld_are_those_considered_and_all_released_are_confirmed_and_held(shown: Shown) -> None:
    agreements = shown.summary["agreements"]

    assert len(agreements) == 3
    for name, agreement in agreements.items():
        assert agreement["considered"] > 0, name
        assert agreement["released"] > 0, name
        assert agreement["released"] + agreement["withheld"] == agreement["considered"], name
        assert agreement["received"] == agreement["confirmed"] == agreement["released"], name


def test_trail_is_complete_and_verifies(shown: Shown) -> None:
    audit = shown.summary["audit"]

    assert audit["verified"] is True
    assert audit["entries"] == audit["checkpoint"] > 0
    with psycopg.connect(shown.hub_url) as conn:
        lacking = conn.execute(
            "SELECT count(*) FROM exchange.outbox o WHERE NOT EXISTS (SELECT FROM audit.index i WHERE i.entry = o.audit_id)"
        ).fetchone()
    assert lacking == (0,)


def test_one_person_is_followed_from_source_row_to_receipt(shown: Shown) -> None:
    followed = shown.summary["followed"]

    assert followed["receipt"] == "applied"
    assert len({row["source"] for row in followed["rows"]}) > 1
    assert len(followed["partner_holds_leaf"]) == 64


def test_airflow_ran_every_dag_and_none_failed(shown: Shown) -> None:
    for dag, runs in shown.summary["airflow"].items():
        assert runs, dag
        assert {run["state"] for run in runs} == {"success"}, dag


def test_progress_was_told_while_it_worked(shown: Shown) -> None:
    assert shown.said.count("\n") > 8
    assert "deciding under each agreement" in shown.said


def test_no_marker_person_stands_where_none_may(shown: Shown) -> None:
    wanted = markers(shown.home / "demo" / "county")

    assert not list(in_files(shown.home / "demo", wanted, THEIR_OWN))
    assert not list(in_files(shown.home / "services", wanted))
    assert not list(in_database(shown.cluster.url(AIRFLOW), wanted, ("public",)))
    assert not list(in_database(shown.hub_url, wanted, ("audit", "exchange", "intake", "keys", "sharing", "public")))
    assert not wanted.search(json.dumps(shown.summary).encode())
    assert not wanted.search(shown.said.encode())


def test_marker_person_is_found_after_a_row_was_logged(shown: Shown) -> None:
    wanted = markers(shown.home / "demo" / "county")
    planted = shown.home / "demo" / "logs" / "planted.log"
    row = next(
        line
        for line in (shown.home / "demo" / "county" / "frameworki" / "DM_PERSONS.jsonl").read_text().splitlines()
        if wanted.search(line.encode())
    )
    program = "import logging, sys; logging.basicConfig(filename=sys.argv[1]); logging.warning('row %s', sys.argv[2])"

    subprocess.run([sys.executable, "-c", program, str(planted), row], check=True)

    try:
        assert list(in_files(shown.home / "demo", wanted, THEIR_OWN)) == ["logs/planted.log"]
    finally:
        planted.unlink()


def test_marker_people_are_in_the_data_that_flowed(shown: Shown) -> None:
    wanted = markers(shown.home / "demo" / "county")

    assert "canonical.row" in set(in_database(shown.hub_url, wanted, ("canonical",)))
