"""Run the counterparts as the processes that people start."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from crm_rows import TOKEN, contact, incident

from connectors.crm import Crm
from connectors.frameworki import Frameworki


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "contacts.jsonl").write_text(json.dumps(contact(1)) + "\n")
    (tmp_path / "incidents.jsonl").write_text(json.dumps(incident(1)) + "\n")
    return tmp_path


def test_dataverse_serves_until_it_is_asked_to_end(folder):
    command = [sys.executable, "-m", "connectors.crm.counterpart", "--data", str(folder)]
    environment = os.environ | {"CRM_COUNTERPART_TOKEN": TOKEN}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        Crm({"url": url, "token": TOKEN}).check()
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0


def test_dataverse_does_not_start_without_a_token(folder):
    environment = {name: value for name, value in os.environ.items() if name != "CRM_COUNTERPART_TOKEN"}
    done = subprocess.run(
        [sys.executable, "-m", "connectors.crm.counterpart", "--data", str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert "CRM_COUNTERPART_TOKEN" in done.stderr


@pytest.mark.services
def test_mosaic_is_filled_from_a_folder(tmp_path, database_url):
    row = {"WORKER_ID": 1, "FULL_NAME": "Robin Quill", "LAST_UPDATED": "2026-03-01T09:00:00"}
    (tmp_path / "DM_WORKERS.jsonl").write_text(json.dumps(row) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "connectors.frameworki.counterpart", "--data", str(tmp_path), "--url", database_url],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(done.stdout) == {"DM_WORKERS": 1}
    Frameworki({"url": database_url}).check()


@pytest.mark.parametrize("name", ["frameworki", "crm"])
def test_connector_loads_and_builds_without_its_heavy_libraries(name):
    script = (
        "import sys; from importlib.metadata import entry_points\n"
        f"(point,) = entry_points(group='wye.connectors', name='{name}')\n"
        "point.load()({}).streams()\n"
        "print(sorted({'psycopg', 'httpx2', 'phonenumbers', 'orjson', 'yaml'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[]"
