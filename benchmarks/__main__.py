"""Run the benches: `python -m benchmarks [NAME ...]`. Writes `var/bench.json`; progress goes to standard error."""

import argparse
import cProfile
import json
import pstats
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import (
    audit_search,
    audit_verify,
    audit_vs_outbox,
    decide_vs_cedarpy,
    identity_night,
    identity_vs_splink,
    land_rows,
    share_vs_pika,
)
from benchmarks.ground import ROOT, Ground, ground, machine
from benchmarks.linking import f1
from benchmarks.linking.sets import SETS
from benchmarks.measure import Measure

RESULT = ROOT / "var" / "bench.json"
Bench = Callable[[Ground, float, Callable[[str], None]], Measure]
BENCHES: Mapping[str, Bench] = {
    each.NAME: each.measure
    for each in (
        share_vs_pika,
        land_rows,
        audit_verify,
        audit_vs_outbox,
        audit_search,
        identity_vs_splink,
        identity_night,
    )
}

PURE: Mapping[str, Callable[[float, Callable[[str], None]], Measure]] = {
    decide_vs_cedarpy.NAME: decide_vs_cedarpy.measure,
}
"""Benches that need no services."""

LINKING = {f"{f1.NAME}_{name}": name for name in SETS}
"""The labelled sets, each a bench; `link_f1` is all of them."""


def main() -> int:
    """Measure what was asked for, or everything."""
    names = (*BENCHES, *PURE, f1.NAME, *LINKING)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Wye against named peers.")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"which: {', '.join(names)}; all if none is named",
    )
    parser.add_argument(
        "--labelled",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a CSV of records whose people are known, for link_f1",
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="the least time for each side (30)")
    parser.add_argument("--json", action="store_true", help="print what is written, rather than a table")
    parser.add_argument("--profile", action="store_true", help="show where the time goes; the figures are then slow")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in names]:
        parser.error(f"no bench `{unknown[0]}`; there are: {', '.join(names)}")
    say(machine())
    everything = not asked.names and not asked.labelled
    measures = _on_the_ground([name for name in BENCHES if everything or name in asked.names], asked)
    pure = [bench for name, bench in PURE.items() if everything or name in asked.names]
    measures += [_run(partial(bench, asked.seconds, say), profile=asked.profile) for bench in pure]
    of_all = everything or f1.NAME in asked.names
    linked = [f1.measure(name, say) for bench, name in LINKING.items() if of_all or bench in asked.names]
    linked += [f1.measure_path(path, say) for path in asked.labelled]
    entries = [each.entry() for each in measures] + [each.entry() for each in linked]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    tables = [*([table(measures)] if measures else []), *([f1.table(linked)] if linked else [])]
    print(json.dumps(entries) if asked.json else "\n\n".join(tables))
    return 0


def _on_the_ground(names: Sequence[str], asked: argparse.Namespace) -> list[Measure]:
    """Measure what needs services, if anything does."""
    if not names:
        return []
    with ground() as services:
        return [_run(partial(BENCHES[name], services, asked.seconds, say), profile=asked.profile) for name in names]


def say(line: str) -> None:
    """Tell progress."""
    print(line, file=sys.stderr, flush=True)


def table(measures: Sequence[Measure]) -> str:
    """Write a table for people."""
    lines = [f"{'bench':<18} {'wye':>11} {'peer':>11} {'ratio':>6}  unit, peer"]
    lines += [
        f"{each.name:<18} {_figure(each.value)} {_figure(each.peer_value)} {each.ratio:>6.2f}  {each.unit}, {each.peer}"
        for each in measures
    ]
    return "\n".join(lines)


def _figure(value: float) -> str:
    """Write a figure in eleven places; small ones with what is behind the point."""
    return f"{value:>11,.0f}" if value >= 100 else f"{value:>11,.2f}"  # noqa: PLR2004  from three digits on


def _run(bench: Callable[[], Measure], *, profile: bool) -> Measure:
    if not profile:
        return bench()
    profiler = cProfile.Profile()
    measure = profiler.runcall(bench)
    pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)
    return measure


if __name__ == "__main__":
    sys.exit(main())
