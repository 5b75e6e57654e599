"""Run the county's systems and the partners as processes of their own, and end them with the demo."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from wye.errors import EnvironmentFault


class Processes:
    """Start child processes whose output goes to log files; end every one of them on leaving."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.environment = dict(environment)
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, module: str, *words: str, output: Path | None = None) -> bytes:
        """Run a module to its end and give what it printed (or write it to `output`); raises EnvironmentFault."""
        log = self.logs / f"{module.rsplit('.', 1)[-1]}.log"
        with log.open("ab") as errors:
            done = subprocess.run(  # noqa: S603  our own interpreter and modules
                [sys.executable, "-m", module, *words],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self.environment,
                check=False,
            )
        if done.returncode != 0:
            raise EnvironmentFault(f"`{module}` ended with {done.returncode}; its words are in {log}")
        if output is not None:
            output.write_bytes(done.stdout)
        return done.stdout

    def start(self, name: str, module: str, *words: str) -> None:
        """Start a module that goes on until the demo ends."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(  # noqa: S603  our own interpreter and modules
                [sys.executable, "-m", module, *words],
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
            )

    def announce(self, name: str, module: str, *words: str, seconds: float = 30.0) -> dict[str, str]:
        """Start a module whose first line of output is JSON that says how to reach it; raises EnvironmentFault."""
        log = self.logs / f"{name}.log"
        log.write_bytes(b"")
        self.start(name, module, *words)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.alive(name):
            for line in log.read_bytes().splitlines():
                if line.startswith(b"{") and line.endswith(b"}"):
                    return {key: str(value) for key, value in orjson.loads(line).items()}
            time.sleep(0.1)
        raise EnvironmentFault(f"`{module}` did not say where it is; its words are in {log}")

    def alive(self, name: str) -> bool:
        """Say whether a process still runs."""
        return self._children[name].poll() is None

    def end(self, name: str) -> None:
        """End one process, gently first."""
        child = self._children.pop(name)
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._children):
            self.end(name)
