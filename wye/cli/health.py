"""Say how the hub is: what is red, and what to do about it."""

from typing import Annotated

import typer

from wye.cli.console import result

app = typer.Typer(help="Say how the hub is, and what to do about what is red.")
EXIT = {"ok": 0, "warn": 0, "red": 1, "down": 3}


@app.callback(invoke_without_command=True)
def health(
    services: Annotated[
        bool, typer.Option("--services", help="Database, broker and keys only: what a container's health check asks.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Look at services, trail, queues of work, agreements and jobs. Exit 1 if anything is red, 3 if a service is down.

    It shows counts, ages and names, never a person's value, changes nothing and asks no witness.
    """
    from wye import bootstrap
    from wye.road.account import clock
    from wye.road.health.finding import worst
    from wye.road.health.look import look
    from wye.settings import Settings

    found = look(Settings(), bootstrap.sources(), clock(), services_only=services)
    level = worst(found).value
    told = {
        "level": level,
        "checks": [{"name": each.name, "level": each.level.value, "said": each.said} for each in found],
    }
    lines = [f"{each.level.value:4}  {each.name}: {each.said}" for each in found]
    result(told, as_json, "\n".join([*lines, f"the hub is {level}" if level == "ok" else f"the worst is {level}"]))
    return EXIT[level]
