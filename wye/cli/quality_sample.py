"""Compare sampled values with what is true: list them, open one, keep the verdict, see the results."""

from typing import Annotated
from uuid import UUID

import typer

from wye.cli.console import result
from wye.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Check released values, drawn at random, against what is true.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Id = Annotated[str, typer.Argument(help="The sample's id.")]


@app.command(name="list")
def list_waiting(
    owner: Annotated[str | None, typer.Option(help="Only what this owner's systems hold.")] = None,
    limit: Annotated[int, typer.Option(help="How many, the oldest first.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """List the values to check, by id and field, without the values: `show` opens one, on the record."""
    from wye.cli.hub import open_hub
    from wye.road.sample import waiting

    with open_hub() as hub:
        found = waiting(hub, owner, limit)
    lines = [
        f"{one.id}  {one.day}  {one.agreement}  {one.source} {one.entity}.{one.field}  record {one.record}  checks: {one.owner}"
        for one in found
    ]
    text = "\n".join(
        [*lines, "open one with: wye quality sample show ID"] if lines else ["nothing waits to be checked"]
    )
    result([one._asdict() for one in found], as_json, text)


@app.command()
def show(sample: Id, as_json: Json = False) -> None:
    """Show one sampled value and the key under which its system holds it. The look goes on the record."""
    from wye.cli.hub import open_hub
    from wye.road.sample import look

    with open_hub() as hub:
        result(look(hub, _id(sample)), as_json)


@app.command()
def check(
    sample: Id,
    right: Annotated[bool, typer.Option("--right/--wrong", help="What the comparison showed.")],
    reason: Annotated[str, typer.Option("--reason", help="What it was compared with, without the value itself.")],
    as_json: Json = False,
) -> None:
    """Keep the verdict on one sampled value."""
    from wye.cli.hub import open_hub
    from wye.road.sample import check as keep

    with open_hub() as hub:
        done = keep(hub, _id(sample), right=right, reason=reason)
    result({"sample": done.id, "verdict": done.verdict, "owner": done.owner, "agreement": done.agreement}, as_json)


@app.command()
def results(
    nights: Annotated[int, typer.Option(help="Of the draws of how many nights.", min=1)] = 30, as_json: Json = False
) -> None:
    """Show by owner and agreement how many checked values were right, with the 95% interval of the true share."""
    from wye.cli.hub import open_hub
    from wye.road.sample import results as found_right

    with open_hub() as hub:
        found = found_right(hub, nights)
    lines = [
        f"{one.owner}  {one.agreement}: {_share(one.right)} of {one.checked} checked, {one.waiting} waiting"
        for one in found
    ]
    told = [
        {
            "owner": one.owner,
            "agreement": one.agreement,
            "checked": one.checked,
            "waiting": one.waiting,
            "right": None if one.right is None else one.right._asdict(),
        }
        for one in found
    ]
    result(told, as_json, "\n".join(lines or ["nothing was drawn yet"]))


def _share(right: tuple[float, float, float] | None) -> str:
    return "not known" if right is None else f"{right[0]:.1%} right ({right[1]:.1%} to {right[2]:.1%})"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"`{text}` is no id; `wye quality sample list` names those that wait") from None
