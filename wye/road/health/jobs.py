"""Say when each job of the schedule was last done."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from wye.road import runs
from wye.road.health.finding import Finding, Level, long
from wye.settings import Settings


class Job(NamedTuple):
    """Name a job of the schedule (dags/)."""

    verb: str
    name: str | None


HOURLY, NIGHTLY = timedelta(hours=3), timedelta(hours=30)
"""A job is late when it missed its turn and the next."""

NIGHTS = ("score", "check_index", "warn_of_lapse", "forget_opt_outs", "train")
ALLOWED = dict.fromkeys((*NIGHTS, "sample"), NIGHTLY)


def expected(sources: Iterable[str], agreements: Iterable[str], *, witnesses: bool) -> list[Job]:
    """List the jobs that the schedule of these sources and agreements has."""
    names = list(agreements)
    one = [Job(verb, None) for verb in ("identify", "deliver", "receipts", "hand_on", "sequence")]
    one += [Job("witness", None)] if witnesses else []
    each = [Job(verb, name) for verb in ("share", "relay") for name in names]
    nightly = [Job(verb, None) for verb in NIGHTS]
    nightly += [Job("sample", name) for name in names]
    return [*(Job("ingest", source) for source in sources), *one, *each, *nightly]


def jobs(settings: Settings, at: datetime, jobs: Iterable[Job]) -> Iterator[Finding]:
    """Judge each job by its note: red if it failed last or is late, a warning if no run of it is noted."""
    noted = {Job(run.verb, run.name): run for run in runs.noted(settings)}
    for job in jobs:
        name, run = f"job {job.verb} {job.name or ''}".rstrip(), noted.get(job)
        if run is None:
            yield Finding(name, Level.WARN, f"no run is noted in `{runs.folder_of(settings)}`")
        elif run.fault is not None:
            since = "never done" if run.done_at is None else f"last done {run.done_at:%Y-%m-%d %H:%M} UTC"
            yield Finding(name, Level.RED, f"failed at {run.at:%Y-%m-%d %H:%M} UTC ({since}): {run.fault}")
        elif (age := at - run.at) > ALLOWED.get(job.verb, HOURLY):
            yield Finding(name, Level.RED, f"last done {long(age)} ago: see why the schedule stands still")
        else:
            yield Finding(name, Level.OK, f"done {long(age)} ago")
