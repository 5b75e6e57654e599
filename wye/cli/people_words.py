"""Say who is who: merge, unmerge, same, different, split, and take any of it back."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from wye.cli.console import result
from wye.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wye.road.parting import Disclosed
    from wye.road.people import Done

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
Event = Annotated[str, typer.Argument(help="The event's id; `wye people show` lists a person's events.")]
Either = Annotated[str, typer.Argument(help="A record's or a person's id.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `wye people`."""
    for command in (merge, unmerge, same, different, split, undo, disclosures):
        app.command()(command)


def merge(
    kept: Annotated[str, typer.Argument(help="The person who stays.")],
    other: Annotated[str, typer.Argument(help="The person whose records move.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Merge two persons into one. `unmerge` says they are two; `undo` takes the word back."""
    from wye.cli.hub import open_hub
    from wye.road.people import merge as merge_persons

    with open_hub() as hub:
        done = merge_persons(hub, read_id(kept), read_id(other), why(reason))
    tell(done, as_json, f"merged: person {done.persons[0]} has the {len(done.records)} records of {done.persons[-1]}")


def unmerge(event: Event, reason: Reason, as_json: Json = False) -> None:
    """Take a merge apart: its records go back and are not joined again. Lists what was disclosed of the two as one."""
    from wye.cli.hub import open_hub
    from wye.road.people import unmerge as unmerge_persons

    with open_hub() as hub:
        done = unmerge_persons(hub, read_id(event), why(reason))
    tell(
        done,
        as_json,
        f"unmerged: {len(done.records)} records went back; persons {' and '.join(map(str, done.persons))}",
    )


def same(left: Either, right: Either, reason: Reason, as_json: Json = False) -> None:
    """Say that two records, or persons, are one person: linking keeps them together whatever they hold."""
    from wye.cli.hub import open_hub
    from wye.road.people import same as say_same

    with open_hub() as hub:
        done = say_same(hub, read_id(left), read_id(right), why(reason))
    tell(done, as_json, f"one person: {done.persons[0]}")


def different(left: Either, right: Either, reason: Reason, as_json: Json = False) -> None:
    """Say that two records, or persons, are two people: linking keeps them apart. If they are joined, the second leaves."""
    from wye.cli.hub import open_hub
    from wye.road.people import different as say_different

    with open_hub() as hub:
        done = say_different(hub, read_id(left), read_id(right), why(reason))
    tell(done, as_json, f"two people: {' and '.join(map(str, done.persons))}")


def split(
    person: Annotated[str, typer.Argument(help="The person.")],
    records: Annotated[list[str], typer.Argument(help="Those of its records that are of somebody else.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Give some records of a person a person of their own; they are not joined to the others again."""
    from wye.cli.hub import open_hub
    from wye.road.people import split as split_person

    with open_hub() as hub:
        done = split_person(hub, read_id(person), [read_id(each) for each in records], why(reason))
    tell(done, as_json, f"split: {len(done.records)} records are of person {done.persons[-1]} now")


def undo(event: Event, reason: Reason, as_json: Json = False) -> None:
    """Take back what an event said and did: links, words and queue are as before it. An undo can be undone."""
    from wye.cli.hub import open_hub
    from wye.road.people import undo as undo_event

    with open_hub() as hub:
        done = undo_event(hub, read_id(event), why(reason))
    tell(done, as_json, f"undone: {len(done.records)} records went back to where they were")


def disclosures(event: Event, as_json: Json = False) -> None:
    """List again what was disclosed of two as if they were one, by the event that parted them, as it stands now."""
    from wye.cli.hub import open_hub
    from wye.road.corrections import disclosures as list_again

    with open_hub() as hub:
        found = list_again(hub, read_id(event))
    result([disclosed(each) for each in found], as_json, "\n".join(disclosure_lines(found)))


def tell(done: "Done", as_json: bool, text: str) -> None:
    """Print what a word did, and what follows a parting."""
    found = {
        "event": done.event,
        "persons": done.persons,
        "kept": done.persons[0],
        "other": done.persons[-1],
        "records": done.records,
        "disclosures": [disclosed(each) for each in done.followed.disclosures],
        "corrections": [draft.id for draft in done.followed.drafts],
    }
    lines = [text, f"event {done.event}; `wye people undo {done.event} --reason` takes it back"]
    if done.followed.disclosures:
        lines += ["disclosed of them as if they were one:", *disclosure_lines(done.followed.disclosures)]
    lines += [f"drafted correction {draft.id} to {draft.recipient}" for draft in done.followed.drafts]
    if done.followed.drafts:
        lines.append(
            "`wye people corrections show ID` shows what a recipient is told; `approve` when it has been, or `set-aside`"
        )
    result(found, as_json, "\n".join(lines))


def disclosure_lines(found: "Sequence[Disclosed]") -> list[str]:
    """Write disclosures, one to a line."""
    if not found:
        return ["nothing was disclosed of them as if they were one"]
    return [
        f"  {each.at:%Y-%m-%d %H:%M:%S}  {each.recipient or '-'}  {each.agreement or '-'}  {each.kind or '-'}"
        f"  {each.receipt or each.state or '-'}  {_now(each)}"
        f"  message {each.message or '-'}  entry {each.entry}"
        for each in found
    ]


def _now(each: "Disclosed") -> str:
    if each.agreement is None:
        return "told once, and no feed corrects it"
    return "still held" if each.still_held else "replaced or withdrawn"


def disclosed(each: "Disclosed") -> dict[str, object]:
    """Write one disclosure as data."""
    return {name: getattr(each, name) for name in each.__dataclass_fields__}


def read_id(text: str) -> UUID:
    """Read an id; raises UsageError."""
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"`{text}` is no id; ids look like 018f2f6e-0000-7000-8000-000000000000") from None


def why(reason: str) -> str:
    """Read a reason; raises UsageError if it says nothing."""
    if not reason.strip():
        raise UsageError("`--reason` is empty; say why, in words that a colleague understands in a year")
    return reason.strip()
