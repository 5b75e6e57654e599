"""Show a person's history and household, accept corrections, and follow the proposals that they become."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from wye.cli.console import result
from wye.errors import UsageError

if TYPE_CHECKING:
    from wye.identity.household import Household, Member

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Person = Annotated[str, typer.Argument(help="The person's id; `wye people find` tells it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]

proposals = typer.Typer(no_args_is_help=True, help="List and show corrections proposed to the council's systems.")


def register(app: typer.Typer) -> None:
    """Add these commands to `wye people`."""
    app.command()(history)
    app.command()(household)
    app.command()(correct)
    app.command("withdraw-correction")(withdraw_correction)
    app.add_typer(proposals, name="proposals")


def show_then(person: str, as_of: str, *, as_json: bool) -> None:
    """Print what was known of a person at an instant: what `wye people show --as-of` does."""
    from wye.cli.hub import open_hub
    from wye.identity.history import NO_LONGER_HELD
    from wye.road.people_history import look_then

    with open_hub() as hub:
        found = look_then(hub, _id(person), as_of)
    result(asdict(found), as_json, None if found.held else f"{found.person}: {NO_LONGER_HELD}")


def history(
    person: Person,
    attribute: Annotated[
        str | None, typer.Argument(help="One attribute, such as family_name; all, if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell each change of a person's attributes: when, from which source, and why that value won."""
    from wye.cli.hub import open_hub
    from wye.road.people_history import changes

    with open_hub() as hub:
        found = changes(hub, _id(person), attribute)
    lines = [
        f"{one.at.isoformat(timespec='seconds')} {one.attribute}: {'-' if one.value is None else one.value}"
        f"{f' from {one.source}' if one.source else ''} ({one.reason})"
        for one in found
    ]
    result([asdict(one) for one in found], as_json, "\n".join(lines) or "nothing is known of it")


def household(person: Person, as_json: Json = False) -> None:
    """Show who lives at a person's door and whom sources name as theirs, with source and since when.

    Whoever has a safe address, a restricted record or a sealed identity is withheld; no address is shown.
    """
    from wye.cli.hub import open_hub
    from wye.road.people_history import look_at_household

    with open_hub() as hub:
        found = look_at_household(hub, _id(person))
    result(asdict(found), as_json, "\n".join(_household(found)))


def correct(
    person: Person,
    attribute: Annotated[str, typer.Argument(help="The attribute, such as family_name or birth_date.")],
    reason: Reason,
    source: Annotated[str | None, typer.Option("--from", help="The system whose value is right.")] = None,
    record: Annotated[
        str | None, typer.Option(help="The record whose value is right, if the system has several.")
    ] = None,
    evidence: Annotated[
        str | None,
        typer.Option(help="A value that no system has: where its evidence is. The value is read from standard input."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Accept what one source says as right, or a value with evidence; who says otherwise is sent a proposal.

    Proposals go under an agreement in force that lets the system be told, and under no other.
    """
    from wye.cli.hub import open_hub
    from wye.road.correct import Typed
    from wye.road.correct import correct as accept

    if sum(one is not None for one in (source, record, evidence)) != 1:
        raise UsageError("say which value is right by one of `--from`, `--record` and `--evidence`")
    right: str | UUID | Typed
    if evidence is not None:  # a value in the words of a command would stand in the shell's history
        right = Typed(sys.stdin.readline().strip(), evidence)
    else:
        right = _id(record) if record is not None else str(source)
    with open_hub() as hub:
        done = accept(hub, _id(person), attribute, right, reason)
    result(asdict(done), as_json)


def withdraw_correction(
    correction: Annotated[str, typer.Argument(help="The correction's id.")], reason: Reason, as_json: Json = False
) -> None:
    """Take a correction back: golden goes by its rules again, and nothing more is proposed."""
    from wye.cli.hub import open_hub
    from wye.road.correct import withdraw

    with open_hub() as hub:
        person = withdraw(hub, _id(correction), reason)
    result({"correction": correction, "person": person}, as_json)


@proposals.command("list")
def list_proposals(
    state: Annotated[
        str | None, typer.Option(help="withheld, sent, accepted, refused or withdrawn; all, if left out.")
    ] = None,
    system: Annotated[str | None, typer.Option(help="One system, such as crm.")] = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """List proposals with their states, and why those that were not sent were not: ids and names, no values."""
    from wye.cli.hub import open_hub
    from wye.road.proposal_rows import STATES, listed

    if state not in {None, *STATES}:
        raise UsageError(f"no state `{state}`; there are: {', '.join(STATES)}")
    with open_hub() as hub:
        found = listed(hub.conn, state=state, system=system, limit=limit)
    lines = [f"{one['id']} {one['state']} {one['system']} {one['attribute']}: {one['why']}" for one in found]
    result(found, as_json, "\n".join(lines) or "no proposals")


@proposals.command("show")
def show_proposal(proposal: Annotated[str, typer.Argument(help="The proposal's id.")], as_json: Json = False) -> None:
    """Show one proposal: whose, of which correction, under which agreement, and what came of it. No value is shown."""
    from wye.cli.hub import open_hub
    from wye.road.proposal_answers import look_at

    with open_hub() as hub:
        result(look_at(hub, _id(proposal)), as_json)


@proposals.command("refused")
def refuse_proposal(
    proposal: Annotated[str, typer.Argument(help="The proposal's id.")], reason: Reason, as_json: Json = False
) -> None:
    """Note that a system's staff refused a proposal, where the system itself cannot tell."""
    from wye.cli.hub import open_hub
    from wye.road.proposal_answers import refuse

    with open_hub() as hub:
        refuse(hub, _id(proposal), reason)
    result({"proposal": proposal, "state": "refused"}, as_json)


def _household(found: "Household") -> list[str]:
    if found.withheld is not None:
        return [f"{found.person}: {found.withheld}"]
    lines = [f"{found.person}", "at the same door:", *_members(found.members), "relations:", *_members(found.relations)]
    return [*lines, "no address is shown"]


def _members(members: "tuple[Member, ...]") -> list[str]:
    lines = []
    for one in members:
        name = " ".join(str(one.known_as[part]) for part in ("given_name", "family_name") if one.known_as.get(part))
        born = f", born {one.known_as['birth_date']}" if one.known_as.get("birth_date") else ""
        said = "; ".join(f"{word.source}: {word.says}, since {word.since}" for word in one.words)
        lines.append(f"  {one.withheld}" if one.withheld else f"  {one.person} {name or '-'}{born}: {said}")
    return lines or ["  nobody that a source tells of"]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"`{text}` is no id; ids look like 018f2f6e-0000-7000-8000-000000000000") from None
