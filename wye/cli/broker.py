"""Say what the broker must look like, declare it, and check that it does."""

from typing import Annotated

import typer

from wye.cli.console import result
from wye.exchange import topology
from wye.exchange.broker import check as check_broker
from wye.exchange.broker import open_channel
from wye.local.places import broker_url
from wye.road.routes import routes_of
from wye.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Say and check what the broker must look like.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def definitions() -> None:
    """Print the queues, exchanges and bindings as RabbitMQ definitions: `rabbitmqctl import_definitions` takes them."""
    result(topology.definitions(routes_of(Settings())), as_json=True)


@app.command()
def permissions(as_json: Json = False) -> None:
    """Print what each partner's account may do: `rabbitmqctl set_permissions -p wye ACCOUNT CONFIGURE WRITE READ`."""
    routes = routes_of(Settings())
    found = {name: topology.permissions(name, routes) for name in sorted({route.partner for route in routes})}
    result({name: each._asdict() for name, each in found.items()}, as_json)


@app.command()
def declare(as_json: Json = False) -> None:
    """Declare what is missing, with an account that may; the same again changes nothing."""
    settings = Settings()
    routes = routes_of(settings)
    with open_channel(broker_url(settings)) as channel:
        topology.declare(channel, routes)
    result({"declared": [queue.name for queue in topology.queues(routes)]}, as_json)


@app.command()
def check(as_json: Json = False) -> None:
    """Check queues and exchanges, and find messages that no reader could take; creates nothing. Exit 1 on a finding."""
    settings = Settings()
    findings = check_broker(broker_url(settings), routes_of(settings))
    result({"findings": findings}, as_json, text="\n".join(findings) or "the broker is as described")
    if findings:
        raise typer.Exit(1)
