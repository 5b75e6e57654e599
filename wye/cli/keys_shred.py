"""Shred a person: destroy what is known of them, once two accounts say so; and hold what must not be destroyed."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from wye.cli.console import result

shred = typer.Typer(no_args_is_help=True, help="Destroy what is known of a person: one account asks, another approves.")
hold = typer.Typer(no_args_is_help=True, help="Place and lift legal holds: while one stands, nothing is shredded.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", help="The rule or decision, for the record; never a name.")]
Person = Annotated[UUID, typer.Argument(help="The person's id.")]
Request = Annotated[UUID, typer.Argument(help="The shred's id; `wye keys shred list` tells it.")]


@shred.command("ask")
def ask(person: Person, reason: Reason, as_json: Json = False) -> None:
    """Ask that what is known of a person be destroyed, and say what it waits for. Another account approves it."""
    from wye.cli.hub import open_hub
    from wye.road import shred as road

    with open_hub() as hub:
        asked = road.ask(hub, person, reason)
    lines = [f"asked for: {asked.shred.id}", *_waits(asked.obstacles)]
    result({**asdict(asked.shred), "waits_for": list(asked.obstacles)}, as_json, "\n".join(lines))


@shred.command("list")
def list_(as_json: Json = False) -> None:
    """List the shreds that were asked for, newest first, and what each one waits for."""
    from wye.cli.hub import open_hub
    from wye.road import shred as road

    with open_hub() as hub:
        found = road.listed(hub)
    lines = []
    for each in found:
        one = each.shred
        lines.append(
            f"{one.id}  {one.asked_at:%Y-%m-%d %H:%M}  {one.state}  asked by {one.asked_by}  {one.reason}".rstrip()
        )
        if one.state == "asked":
            lines += [f"  {line}" for line in _waits(each.obstacles)]
        elif one.state == "done":
            lines.append(f"  approved by {one.decided_by}; entry {one.entry}")
    data = [{**asdict(each.shred), "waits_for": list(each.obstacles)} for each in found]
    result(data, as_json, "\n".join(lines) or "no shred was asked for")


@shred.command("approve")
def approve(request: Request, as_json: Json = False) -> None:
    """Destroy what another account asked for. Nobody can take it back; old backups end as docs/keys.md says."""
    from wye.cli.hub import open_hub
    from wye.road import shred as road

    with open_hub() as hub:
        done = road.approve(hub, request)
    told = asdict(done.destroyed)
    text = (
        f"destroyed: {told['wraps']} wraps, {told['rows']} rows; {told['entries']} audit entries can no longer be read"
        f"\nentry: {done.entry}"
    )
    if told["still_readable"]:
        text += f"\n{told['still_readable']} values are about somebody else too, who is still held: these stay readable"
    result({"shred": done.shred, "entry": done.entry, **told}, as_json, text)


@shred.command("withdraw")
def withdraw(request: Request, reason: Reason, as_json: Json = False) -> None:
    """No longer ask for a shred."""
    from wye.cli.hub import open_hub
    from wye.road import shred as road

    with open_hub() as hub:
        road.withdraw(hub, request, reason)
    result({"shred": request, "state": "withdrawn"}, as_json, "withdrawn")


@hold.command("place")
def place(person: Person, reason: Reason, as_json: Json = False) -> None:
    """Place a legal hold on a person: an inquiry, a court, a claim."""
    from wye.cli.hub import open_hub
    from wye.road import shred as road

    with open_hub() as hub:
        number = road.place_hold(hub, person, reason)
    result({"hold": number}, as_json, f"held: {number}")


@hold.command("lift")
def lift(
    number: Annotated[UUID, typer.Argument(metavar="HOLD", help="The hold's id; `wye keys hold list` tells it.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Lift a legal hold."""
    from wye.cli.hub import open_hub
    from wye.road import shred as road

    with open_hub() as hub:
        person = road.lift_hold(hub, number, reason)
    result({"hold": number, "person": person}, as_json, "lifted")


@hold.command("list")
def list_holds(
    everything: Annotated[bool, typer.Option("--all", help="Also those that were lifted.")] = False,
    as_json: Json = False,
) -> None:
    """List the legal holds that stand, oldest first."""
    from wye.cli.hub import open_hub
    from wye.road.shred_rows import holds

    with open_hub() as hub:
        found = holds(hub.conn, lifted=everything)
    lines = [
        f"{each.id}  {each.person}  since {each.placed_at:%Y-%m-%d}  by {each.placed_by}  {each.reason}"
        + (f"  lifted {each.lifted_at:%Y-%m-%d} by {each.lifted_by}" if each.lifted_at else "")
        for each in found
    ]
    result([asdict(each) for each in found], as_json, "\n".join(lines) or "no legal hold stands")


def _waits(obstacles: tuple[str, ...]) -> list[str]:
    return [f"waits: {each}" for each in obstacles] or ["nothing stands against it: another account may approve it"]
