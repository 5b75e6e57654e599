"""Kill a PostgreSQL server of a test's own as a power cut would end it: no process gets to say anything."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from wye.local import process


def kill_server(data: Path) -> None:
    """Kill the server of a data folder with all its children, and wait until they are gone."""
    first = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
    words = process.command_line(first)
    if words is None or f"-D {data}" not in words:
        raise AssertionError("no server runs there")
    os.kill(first, signal.SIGSTOP)  # it starts no more children
    family = [first, *_children(first)]
    for one in family:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    until = time.monotonic() + 10
    while any(process.started(one) is not None for one in family):
        if time.monotonic() > until:
            raise AssertionError("the server does not end")
        time.sleep(0.005)


def _children(of: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            fields = (path / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[1]) == of:
                found.append(int(path.name))
    return found
