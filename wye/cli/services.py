"""Start, stop and show the embedded PostgreSQL and the private RabbitMQ of this hub."""

from typing import Annotated

import typer

from wye.cli.console import result, say
from wye.local.broker import Broker
from wye.local.cluster import Cluster
from wye.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Start, stop and show the embedded PostgreSQL and the private RabbitMQ.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
GIVEN = {"postgresql": "WYE_DATABASE_URL", "rabbitmq": "WYE_AMQP_URL"}


@app.command()
def up(as_json: Json = False) -> None:
    """Start both, unless they run; one that the settings name elsewhere is left alone."""
    for name, service in _private().items():
        say(f"{name}: starting" if not service.running else f"{name}: runs already")
        service.start()
    _show(as_json)


@app.command()
def down(
    as_json: Json = False,
    erase: Annotated[bool, typer.Option("--erase", help="Remove their data too, for good.")] = False,
) -> None:
    """Stop both; what they hold is kept."""
    for service in _private().values():
        if erase:
            service.erase()
        else:
            service.stop()
    _show(as_json)


@app.command()
def status(as_json: Json = False) -> None:
    """Show what runs; the exit code is 1 if something does not."""
    if not _show(as_json):
        raise typer.Exit(1)


def _private() -> dict[str, Cluster | Broker]:
    """Give those that are ours to start and stop, saying which are not."""
    settings = Settings()
    given = {"postgresql": settings.database_url, "rabbitmq": settings.amqp_url}
    for name, url in given.items():
        if url is not None:
            say(f"{name}: {GIVEN[name]} is set, so wye starts and stops none")
    ours: dict[str, Cluster | Broker] = {"postgresql": Cluster(settings.home), "rabbitmq": Broker(settings.home)}
    return {name: service for name, service in ours.items() if given[name] is None}


def _show(as_json: bool) -> bool:
    ours = _private()
    found: dict[str, dict[str, object]] = {}
    for name, variable in GIVEN.items():
        if name in ours:
            found[name] = {"from": "wye", "running": ours[name].running, "pid": ours[name].pid}
        else:
            found[name] = {"from": variable}
    lines = [f"{name}: {_sentence(one)}" for name, one in found.items()]
    result(found, as_json, "\n".join(lines))
    return all(one.get("running", True) for one in found.values())


def _sentence(one: dict[str, object]) -> str:
    if one["from"] != "wye":
        return f"given by {one['from']}"
    return f"runs (process {one['pid']})" if one["running"] else "stopped"
