"""Show what the quality checks found, and decide about what they hold.

Each of the other commands of this noun stands in a module `wye.cli.quality_<name>` of its own and is joined below.
"""

from typing import Annotated

import typer

from wye.cli.console import result

app = typer.Typer(no_args_is_help=True, help="Show scorecards and the rows to work off.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def report(as_json: Json = False) -> int:
    """Print the latest result of every table rule, stream by stream, and the batches that are held."""
    from wye import bootstrap
    from wye.quality.rows import held, latest

    with bootstrap.open_hub() as hub:
        found = {"rules": [each._asdict() for each in latest(hub.conn)], "held": held(hub.conn)}
    result(found, as_json)
    return 1 if found["held"] else 0


@app.callback()
def quality() -> None:
    """Show scorecards and the rows to work off."""
