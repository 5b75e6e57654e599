"""Look at processes by their number, and end those that are certainly ours."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def command_line(pid: int) -> str | None:
    """Read the words a live process was started with, joined by blanks; None if it is gone or only awaits burial."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, IndexError):
        return None
    return None if state in "ZX" else words.replace(b"\0", b" ").decode("utf-8", "replace")


def started(pid: int) -> int | None:
    """Say when a live process started, in clock ticks since boot: with its number, this names it for good."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def identity(pid: int) -> str | None:
    """Name a live process for good, through exec and the reuse of numbers: this boot, its number, its start."""
    born = started(pid)
    return None if born is None else f"{_boot()} {pid} {born}"


def alive(name: str) -> int | None:
    """Give the number of the process that `identity` named, or None if it is gone."""
    words = name.split()
    return int(words[1]) if len(words) == 3 and identity(int(words[1])) == name else None  # noqa: PLR2004  as above


def end_group(name: str, patience: float) -> None:
    """End the process that `identity` named, and its group, even one that its leader has left behind."""
    pid = int(name.split()[1])
    if alive(name):
        end(pid, patience, group=True)
    elif name.split(maxsplit=1)[0] == _boot() and started(pid) is None:
        # INVARIANT: Linux gives no process the number of a group that still has members, so the group is the one named.
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()


def end(pid: int, patience: float, *, group: bool = False) -> None:
    """Ask a process (or its whole group) to end, wait some seconds, then kill it; quiet if it is gone already.

    A process whose parent we are must be buried by the caller, who holds its handle.
    """
    send = os.killpg if group else os.kill
    born = started(pid)
    for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 10.0)):
        if born is None or started(pid) != born:
            break
        try:
            send(pid, sign)
        except ProcessLookupError:
            break
        until = time.monotonic() + seconds
        while started(pid) == born and time.monotonic() < until:
            time.sleep(0.05)
    if group:
        with suppress(ProcessLookupError):  # a leader may leave its group behind
            os.killpg(pid, signal.SIGKILL)
