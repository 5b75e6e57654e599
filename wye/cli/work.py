"""Walk the road for as long as it is let: the long-lived worker for urgent events."""

import signal
import threading
from typing import Annotated

import typer

from wye.cli.console import say

app = typer.Typer(help="Walk the road for as long as it is let.")


@app.callback(invoke_without_command=True)
def work(
    every: Annotated[float, typer.Option(help="Seconds between two rounds.", min=0.1)] = 2.0,
) -> None:
    """Take what partners send, identify, share, relay and settle, round after round, until SIGTERM or Ctrl-C.

    The council's own systems are read by the schedule (`wye run`, or the ingest DAGs); this keeps urgent events going.
    """
    from wye.cli.hub import open_hub
    from wye.road.once import once

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    told: set[object] = set()
    with open_hub() as hub:
        while not stop.is_set():
            done = once(hub, lambda _: None, own_sources=False)
            for fault in done["faults"]:
                say(str(fault))
            for alarm in set(done["alarms"]) - told:  # each once: it stands until somebody has looked
                say(f"alarm: {alarm}")
            told = set(done["alarms"])
            stop.wait(every)
