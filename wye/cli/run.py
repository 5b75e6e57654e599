"""Walk the road once: what a scheduler would do, in one process."""

from typing import Annotated

import typer

from wye.cli.console import result, say

app = typer.Typer(help="Walk the road once.")


@app.callback(invoke_without_command=True)
def run(
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> int:
    """Ingest every source, identify, share and relay under every agreement in force, settle, and seal the trail."""
    from wye.cli.hub import open_hub
    from wye.road.once import once

    with open_hub() as hub:
        done = once(hub, say)
    for alarm in done["alarms"]:
        say(f"alarm: {alarm}")
    result(done, as_json)
    return 1 if done["faults"] or done["alarms"] else 0
