"""DAG files are wiring: they parse light, match what is installed, and hold no logic."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wye import bootstrap

ROOT = Path(__file__).parents[2]
DAGS = sorted((ROOT / "dags").glob("*.py"))
HEAVY = (
    "splink", "duckdb", "great_expectations", "polars", "pandas", "psycopg", "pika", "fhir", "asyncssh",
    "open_data_contract_standard", "connectors.frameworki", "connectors.crm", "connectors.civica_revenues",
    "connectors.agresso", "connectors.nhs_fhir", "connectors.police", "wye.road", "wye.store", "wye.identity",
)  # fmt: skip

PARSE = """
import importlib.util, json, sys
import airflow.sdk
from airflow.sdk.definitions._internal.contextmanager import DagContext
before = set(sys.modules)
spec = importlib.util.spec_from_file_location("parsed", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["parsed"] = module
DagContext.current_autoregister_module_name = "parsed"
spec.loader.exec_module(module)
dags = [dag for dag, _ in DagContext.autoregistered_dags]
found = {dag.dag_id: sorted(dag.task_ids) for dag in dags}
last = {dag.dag_id: sorted(task.task_id for task in dag.tasks if not task.downstream_task_ids) for dag in dags}
outlets = {dag.dag_id: sorted(each.uri for task in dag.tasks for each in task.outlets) for dag in dags}
print(json.dumps({"dags": found, "outlets": outlets, "last": last,"modules": sorted(set(sys.modules) - before)}))
"""


def parse(path: Path, tmp_path: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(path)],
        cwd=ROOT,
        env={"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    return {path.name: parse(path, tmp_path_factory.mktemp("airflow")) for path in DAGS}


def test_dag_ids_match_connectors_and_agreements(parsed: dict[str, dict[str, object]]) -> None:
    ids = {dag for file in parsed.values() for dag in file["dags"]}  # type: ignore[attr-defined]

    expected = {f"ingest_{source}" for source in bootstrap.sources()}
    expected |= {f"share_{agreement}" for agreement in bootstrap.agreements()} | {"identity", "housekeeping", "nightly"}
    assert ids == expected
    assert len(bootstrap.sources()) >= 6
    assert len(bootstrap.agreements()) >= 3


def test_tasks_name_verbs_that_the_road_has() -> None:
    from wye.road.verbs import VERBS

    used = {
        "ingest",
        "check_held",
        "check_overdue",
        "identify",
        "share",
        "relay",
        "deliver",
        "receipts",
        "hand_on",
        "sequence",
        "score",
        "check_index",
        "warn_of_lapse",
        "forget_opt_outs",
        "sample",
        "train",
        "witness",
    }

    assert used <= set(VERBS)
    text = "".join(path.read_text() for path in DAGS)
    assert all(f'"{verb}"' in text for verb in used)


def test_every_source_announces_what_identity_waits_for(parsed: dict[str, dict[str, object]]) -> None:
    assert parsed["ingest.py"]["outlets"] == {
        f"ingest_{source}": [f"wye://landed/{source}"] for source in bootstrap.sources()
    }


def test_witness_that_does_not_answer_stops_no_other_task(parsed: dict[str, dict[str, object]]) -> None:
    assert parsed["housekeeping.py"]["last"] == {"housekeeping": ["check_overdue", "witness"]}


def test_parsing_loads_no_heavy_module(parsed: dict[str, dict[str, object]]) -> None:
    for name, file in parsed.items():
        modules = file["modules"]
        assert isinstance(modules, list)
        heavy = [module for module in modules if module.startswith(HEAVY)]
        assert not heavy, f"{name} loads {heavy[:5]}"


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.name)
def test_dag_file_is_short_wiring(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert len(lines) <= 80
    imports = {line for line in lines if line.startswith(("import ", "from "))}
    allowed = ("from airflow.sdk import", "from wye import bootstrap", "from datetime import", "from functools import",
               "from operator import", "import itertools")  # fmt: skip
    assert all(line.startswith(allowed) for line in imports)
