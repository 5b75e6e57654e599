"""Note when each verb was last done, in a small file each below WYE_HOME: what tells that a schedule stands still.

It is for operators and proves nothing; a note that cannot be written stops no work.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from wye.settings import Settings

OFTEN = timedelta(minutes=1)
"""A worker that turns every two seconds need not write as often."""


@dataclass(frozen=True, slots=True)
class Run:
    """Tell how one verb went last, and when it was last done without a fault."""

    verb: str
    name: str | None
    at: datetime
    fault: str | None
    done_at: datetime | None


def folder_of(settings: Settings) -> Path:
    """Say where the notes are."""
    return settings.home / "runs"


def note(settings: Settings, verb: str, name: str | None, at: datetime, fault: str | None = None) -> None:
    """Note that a verb was done, or stopped by a fault in our words: never a personal value."""
    path = folder_of(settings) / (f"{verb}.{name}.json" if name else f"{verb}.json")
    before = _read(path)
    if before is not None and before.fault == fault and timedelta() <= at - before.at < OFTEN:
        return
    done_at = at if fault is None else before.done_at if before else None
    text = orjson.dumps({"verb": verb, "name": name, "at": at, "fault": fault, "done_at": done_at})
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.write_bytes(text)
        partial.replace(path)


def noted(settings: Settings) -> Iterator[Run]:
    """Read every note, by verb and name; one that cannot be read is no note."""
    for path in sorted(folder_of(settings).glob("*.json")):
        run = _read(path)
        if run is not None:
            yield run


def _read(path: Path) -> Run | None:
    try:
        held = orjson.loads(path.read_bytes())
        done = held["done_at"]
        at, done_at = datetime.fromisoformat(held["at"]), None if done is None else datetime.fromisoformat(done)
        return Run(held["verb"], held["name"], at, held["fault"], done_at)
    except (OSError, ValueError, KeyError, TypeError):
        return None
