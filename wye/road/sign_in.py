"""Put each sign-in on the record: the first command of an account in a session of the operating system.

On one machine it is the operating system that signs people in; Wye sees it when a command begins. What tells that a
session is known is a file below WYE_HOME: if it is lost, one entry more is written, never one less.
"""

import hashlib
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from wye.audit.append import append
from wye.audit.event import Event
from wye.keys.provider import KeyProvider
from wye.settings import Settings
from wye.store.database import Connection
from wye.vocabulary import EventKind

BOOT = Path("/proc/sys/kernel/random/boot_id")
STARTED = 19
"""Where the start of a process stands in /proc/PID/stat, counted after its name (proc(5): field 22)."""


def sign_in(conn: Connection, keys: KeyProvider, settings: Settings, actor: str, at: datetime) -> bool:
    """Append an entry unless this session of the account has one; without it the command is not done. Says if it was new."""
    boot, session = _session()
    folder = settings.home / "sign-ins"
    known = folder / f"{boot}-{hashlib.sha256(f'{actor} {session}'.encode()).hexdigest()[:32]}"
    if known.exists():
        return False
    event = Event(kind=EventKind.SIGN_IN, at=at, actor=actor, outcome="signed-in", purpose="command line")
    append(conn, keys, [event], at)
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in folder.iterdir():
            if not old.name.startswith(boot):  # sessions of before the machine was started
                old.unlink(missing_ok=True)
        known.touch(mode=0o600)
    return True


def _session() -> tuple[str, str]:
    """Name the running system and, in it, the session: its leader's number, and when that began."""
    leader = os.getsid(0)
    try:
        began = (
            Path(f"/proc/{leader}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
            .split()[STARTED]
        )
    except (OSError, IndexError):  # the leader has ended, or this is another system
        began = "unknown"
    try:
        boot = BOOT.read_text(encoding="ascii").strip()[:8]
    except OSError:
        boot = "unknown"
    return boot, f"{leader} {began}"
