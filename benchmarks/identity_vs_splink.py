"""Measure the whole identity step on a million people's records, as a multiple of plain Splink on the same features.

Ours reads canonical rows in PostgreSQL, makes features, finds and weighs pairs, settles who is one person under what
objects, mints persons, writes links, doubts, blocking keys and golden records, and commits. Splink, trained before as our
model is, predicts and clusters a table in memory, and keeps nothing. `WYE_BENCH_RECORDS` makes a smaller crowd.
Each side has a process of its own; seconds of processors are told beside those of the clock, for a machine may be shared.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.ground import ROOT, Ground
from benchmarks.linking import crowd
from benchmarks.measure import Measure
from wye.identity import feature_rows
from wye.road.hub import Hub

NAME = "identity_vs_splink"
RECORDS = 1_000_000
AIM = 3.0


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:  # noqa: ARG001  one round is long enough
    """Load a crowd, take the identity step once, then let Splink link the same features."""
    records = int(os.environ.get("WYE_BENCH_RECORDS", RECORDS))
    file = ground.home / "features.parquet"
    with ground.hub("identity") as hub:
        people, rows = load(hub, records)
        say(f"{NAME}: {records} records of {people} people in {rows} canonical rows; the identity step")
        ours = alone("wye", hub.settings.database_url or "")
        say(f"{NAME}: {ours['seconds']:.1f} s ({ours['busy']:.1f} s of processors) for {_told(ours)}")
        if ours["records"] != records:
            raise RuntimeError(f"looked at {ours['records']:.0f} records of {records}")
        _flat(hub, file)
    theirs = alone("splink", str(file))
    file.unlink()
    say(f"{NAME}: Splink {theirs['seconds']:.1f} s ({theirs['busy']:.1f} s of processors) for {_told(theirs)}")
    times = ours["busy"] / theirs["busy"]
    say(
        f"{NAME}: {ours['seconds'] / theirs['seconds']:.1f} times Splink by the clock, {times:.1f} by processors; aim {AIM}"
    )
    beside = {
        "peak_mib": ours["peak"],
        "peak_backend_mib": ours["backend"],
        "peer_peak_mib": theirs["peak"],
        "processor_s": ours["busy"],
        "peer_processor_s": theirs["busy"],
        "records": float(records),
    }
    return Measure(NAME, ours["seconds"], "s", "plain Splink, predict and cluster", theirs["seconds"], beside)


def load(hub: Hub, records: int) -> tuple[int, int]:
    """Put a crowd into a hub's canonical tables; gives how many people, and how many rows."""
    invented = crowd.invent(records)
    return invented.people, crowd.load(hub.conn, invented)


def alone(side: str, argument: str) -> dict[str, float]:
    """Run one side in a process of its own; the argument goes by standard input, for it may hold a password."""
    command = [sys.executable, "-m", "benchmarks.linking.alone", side]
    done = subprocess.run(command, input=argument, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _flat(hub: Hub, file: Path) -> None:
    """Write the features one value to a column, as Splink's demos have them."""
    known = feature_rows.features(hub.conn)
    one = {"postcodes": "postcode", "homes": "home", "phones": "phone", "emails": "email"}
    names = ("given", "family", "birth_date", "sex", "nhs_number")
    firsts = [pl.col(listed).list.first().alias(name) for listed, name in one.items()]
    known.select(*names, *firsts).with_row_index("n").write_parquet(file)


def _told(side: dict[str, float]) -> str:
    backend = f" and {side['backend']:.0f} MiB in PostgreSQL" if "backend" in side else ""
    return f"{side['people']:.0f} people, at most {side['peak']:.0f} MiB{backend}"
