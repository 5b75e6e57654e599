"""Work off the corrections that unmerging and splitting drafted: what each recipient of a mixture is told."""

from dataclasses import asdict
from typing import Annotated

import typer

from wye.cli.console import result
from wye.cli.people_words import Reason, disclosed, disclosure_lines, why

corrections = typer.Typer(
    no_args_is_help=True, help="List and show what recipients of a mixture are told; approve it, or set it aside."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="The correction's id, or enough of its beginning.")]


@corrections.command("list")
def list_(
    all_states: Annotated[bool, typer.Option("--all", help="Also those that were approved or set aside.")] = False,
    as_json: Json = False,
) -> None:
    """List the corrections that wait for a human, oldest first."""
    from wye.cli.hub import open_hub
    from wye.road.corrections import drafts

    with open_hub() as hub:
        found = drafts(hub, all_states=all_states)
    lines = [
        f"{each.id}  {each.drafted_at:%Y-%m-%d %H:%M}  {each.recipient}  {each.agreement or 'told once, by hand'}  {each.state}"
        f"  {len(each.entries)} disclosures"
        for each in found
    ]
    result([asdict(each) for each in found], as_json, "\n".join(lines) or "no correction waits")


@corrections.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show a correction: what the recipient is told, and each disclosure that it is about, as it stands now."""
    from wye.cli.hub import open_hub
    from wye.road.corrections import show as open_draft

    with open_hub() as hub:
        found = open_draft(hub, name)
    draft = found.draft
    data = asdict(draft) | {"disclosures": [disclosed(each) for each in found.disclosures]}
    state = f"{draft.state} by {draft.decided_by}: {draft.reason}" if draft.decided_by else draft.state
    lines = [f"correction {draft.id} ({state})", "", draft.words, "", "disclosures:"]
    result(data, as_json, "\n".join([*lines, *disclosure_lines(found.disclosures)]))


@corrections.command()
def approve(name: Name, reason: Reason, as_json: Json = False) -> None:
    """Approve a correction: its persons are decided again under its agreement, and it is on the record as told.

    Whoever was told by a one-off disclosure has no feed: send them the words of `show` first, and say in the reason how.
    """
    from wye.cli.hub import open_hub
    from wye.road.corrections import approve as approve_draft

    with open_hub() as hub:
        draft = approve_draft(hub, name, why(reason))
    result({"id": draft.id, "state": "approved"}, as_json, f"approved: {draft.id}")


@corrections.command("set-aside")
def set_aside(name: Name, reason: Reason, as_json: Json = False) -> None:
    """Set a correction aside: the recipient is not told, and why (UK GDPR Article 19: impossible, or disproportionate)."""
    from wye.cli.hub import open_hub
    from wye.road.corrections import set_aside as set_draft_aside

    with open_hub() as hub:
        draft = set_draft_aside(hub, name, why(reason))
    result({"id": draft.id, "state": "set-aside"}, as_json, f"set aside: {draft.id}")
