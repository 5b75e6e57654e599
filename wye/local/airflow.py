"""Run Airflow as children of this process, on the embedded PostgreSQL, for one machine.

Three children rather than `airflow standalone`, which adds a fourth process to wait for, a triggerer that no DAG
of ours uses, and a log server on every network address.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from contextlib import suppress
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from wye.errors import EnvironmentFault
from wye.local import loopback, private, process

ACCOUNT = "wye"
START_SECONDS = 180.0
STOP_SECONDS = 20.0
CHILDREN = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
}
FINISHED = {"success", "failed"}


class ChildAirflow:
    """Hold one Airflow: its home, its children, its API. Its database is its own; nothing of ours is in it."""

    def __init__(self, home: Path, database_url: str, dags: Path, environment: Mapping[str, str]) -> None:
        """Name an Airflow; `environment` is what its tasks find in theirs, besides what we have in ours."""
        self.home = home.resolve() / "airflow"
        self.logs = self.home / "logs"
        self.url = ""
        self._database_url = database_url
        self._dags = dags.resolve()
        self._given = dict(environment)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Bring its tables up to date, start its children, wait until all are healthy; give the API's URL.

        Raises EnvironmentFault naming the child that ended, with where its log is.
        """
        private.folder(self.home)
        private.folder(self.logs)
        self._end_leftovers()
        port = loopback.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._write_settings(port)
        try:
            self._migrate()
            for name, words in CHILDREN.items():
                self._children[name] = self._spawn(name, *words)
            private.write(self.home / "children", "\n".join(filter(None, map(process.identity, self.pids))))
            self._await(self._healthy, START_SECONDS, "airflow is not healthy")
            self._token = self._sign_in()
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """End the children with all that they started."""
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
            process.end(child.pid, 0, group=True)
            child.wait()
        self._children.clear()
        (self.home / "children").unlink(missing_ok=True)

    @property
    def pids(self) -> list[int]:
        """List the children, each the leader of a process group of its own."""
        return [child.pid for child in self._children.values()]

    def trigger(self, dag_id: str, patience: float = 60.0) -> str:
        """Start a run of a DAG and give its id; waits for Airflow to have read the DAG's file."""
        self._await(
            lambda: self._call("GET", f"/dags/{dag_id}", missing=True) is not None, patience, f"no DAG `{dag_id}`"
        )
        return str(self._call("POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"])

    def runs(self, dag_id: str) -> list[tuple[str, str]]:
        """List a DAG's newest hundred runs as (run id, state), oldest first; none if Airflow does not know the DAG."""
        found = self._call("GET", f"/dags/{dag_id}/dagRuns?limit=100&order_by=-run_after", missing=True)
        return [(str(run["dag_run_id"]), str(run["state"])) for run in reversed(found["dag_runs"])] if found else []

    def wait(self, dag_id: str, run_id: str, patience: float = 600.0) -> str:
        """Wait for a run to finish; give its state, `success` or `failed`."""

        def state() -> str:
            return str(self._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

        self._await(lambda: state() in FINISHED, patience, f"the run of `{dag_id}` does not finish")
        return state()

    def wait_until_idle(self, quiet: float = 3.0, patience: float = 600.0) -> None:
        """Wait until no run of any DAG has been queued or running for `quiet` seconds: events start further runs."""
        calm_since: list[float] = []

        def calm() -> bool:
            active = self._call("GET", "/dags/~/dagRuns?limit=1&state=queued&state=running")["total_entries"]
            if active:
                calm_since.clear()
                return False
            calm_since.append(time.monotonic())
            return time.monotonic() - calm_since[0] >= quiet

        self._await(calm, patience, "airflow's runs do not end")

    def dags(self) -> dict[str, str]:
        """List the DAGs that Airflow has read, with the file of each."""
        found = self._call("GET", "/dags?limit=100")["dags"]
        return {str(dag["dag_id"]): str(dag["relative_fileloc"]) for dag in found}

    def import_errors(self) -> dict[str, str]:
        """List the DAG files that Airflow could not read, with what it said."""
        found = self._call("GET", "/importErrors?limit=100")["import_errors"]
        return {str(one["filename"]): str(one["stack_trace"]) for one in found}

    def _write_settings(self, port: int) -> None:
        """Write airflow.cfg (mode 0600): a file rather than variables, which every task would inherit."""
        private.write(self.home / "passwords.json", json.dumps({ACCOUNT: private.secret(self.home / "password")}))
        fernet = urlsafe_b64encode(private.secret(self.home / "fernet").encode()[:32]).decode()
        plain = self._database_url.split("://", 1)[1]
        config = ConfigParser(interpolation=None)
        config.read_dict(
            {
                "core": {
                    "dags_folder": str(self._dags),
                    "plugins_folder": str(self.home / "plugins"),
                    "executor": "LocalExecutor",
                    "parallelism": "4",
                    "load_examples": "False",
                    "dags_are_paused_at_creation": "False",
                    "fernet_key": fernet,
                    "simple_auth_manager_users": f"{ACCOUNT}:admin",
                    "simple_auth_manager_passwords_file": str(self.home / "passwords.json"),
                },
                "database": {
                    "sql_alchemy_conn": f"postgresql+psycopg://{plain}",
                    "sql_alchemy_conn_async": f"postgresql+psycopg_async://{plain}",
                },
                "api": {
                    "host": "127.0.0.1",
                    "port": str(port),
                    "base_url": self.url,
                    "workers": "1",
                    "secret_key": private.secret(self.home / "api_secret"),
                },
                "api_auth": {"jwt_secret": private.secret(self.home / "jwt_secret") + secrets.token_urlsafe(32)},
                "logging": {
                    "base_log_folder": str(self.logs),
                    "dag_processor_child_process_log_directory": str(self.logs / "dag_processor"),
                    "file_task_handler_new_folder_permissions": "0o700",
                    "file_task_handler_new_file_permissions": "0o600",
                    "colored_console_log": "False",
                },
                "usage_data_collection": {"enabled": "False"},
            }
        )
        for section in config.sections():
            for key, value in config.items(section):
                config.set(section, key, value.replace("%", "%%"))  # Airflow interpolates
        text = StringIO()
        config.write(text)
        private.write(self.home / "airflow.cfg", text.getvalue())

    def _environment(self) -> dict[str, str]:
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "_AIRFLOW"))}
        return {**ours, **self._given, "AIRFLOW_HOME": str(self.home), "NO_COLOR": "1"}

    def _spawn(self, name: str, *words: str) -> "subprocess.Popen[bytes]":
        with private.append(self.logs / f"{name}.log") as said:
            return subprocess.Popen(  # noqa: S603  our own interpreter and words
                [sys.executable, "-m", "airflow", *words],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self.home,
                start_new_session=True,
            )

    def _migrate(self) -> None:
        """Bring Airflow's tables up to date, unless this version of it has done so in this very database."""
        done = f"{version('apache-airflow')} {self._database_oid()}"
        stamp = self.home / "migrated"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == done:
            return
        if self._spawn("migrate", "db", "migrate").wait() != 0:
            raise EnvironmentFault(f"airflow's tables cannot be made; see `{self.logs / 'migrate.log'}`")
        private.write(stamp, done)

    def _database_oid(self) -> int:
        import psycopg

        try:
            with psycopg.connect(self._database_url) as conn:
                row = conn.execute("SELECT oid::bigint FROM pg_database WHERE datname = current_database()").fetchone()
        except psycopg.OperationalError as error:
            raise EnvironmentFault("airflow's database does not answer; run `wye services up`") from error
        return int(row[0]) if row else 0

    def _healthy(self) -> bool:
        for name, child in self._children.items():
            if child.poll() is not None:
                raise EnvironmentFault(f"airflow's {name} ended while starting; see `{self.logs / name}.log`")
        found = self._call("GET", "/monitor/health", missing=True)
        parts = ("metadatabase", "scheduler", "dag_processor")
        return found is not None and all(found[part]["status"] == "healthy" for part in parts)

    def _sign_in(self) -> str:
        import httpx2

        words = {"username": ACCOUNT, "password": private.secret(self.home / "password")}
        answer = httpx2.post(f"{self.url}/auth/token", json=words, timeout=30, trust_env=False)
        if answer.status_code not in {200, 201}:
            raise EnvironmentFault(f"airflow does not let us in: it answers {answer.status_code}")
        return str(answer.json()["access_token"])

    def _call(self, verb: str, path: str, body: Mapping[str, object] | None = None, *, missing: bool = False) -> Any:
        """Call the API; with `missing`, what is not there (or not up yet) is None."""
        import httpx2

        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            answer = httpx2.request(
                verb, f"{self.url}/api/v2{path}", json=body, headers=headers, timeout=30, trust_env=False
            )
        except httpx2.TransportError as error:
            if missing:
                return None
            raise EnvironmentFault(f"airflow does not answer; see `{self.logs}`") from error
        if answer.is_success:
            return answer.json()
        if missing:
            return None
        raise EnvironmentFault(f"airflow answers {answer.status_code} to `{verb} {path}`")

    def _await(self, holds: Callable[[], bool], patience: float, otherwise: str) -> None:
        until = time.monotonic() + patience
        while not holds():
            if time.monotonic() > until:
                raise EnvironmentFault(f"{otherwise} after {patience:.0f} s; see `{self.logs}`")
            time.sleep(0.25)

    def _end_leftovers(self) -> None:
        """End the children of an earlier process that was killed before it could."""
        left = self.home / "children"
        for name in left.read_text(encoding="utf-8").splitlines() if left.exists() else ():
            process.end_group(name, STOP_SECONDS)
