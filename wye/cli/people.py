"""Find and show people, review doubtful matches, merge and undo merges."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from wye.cli import people_history
from wye.cli.console import result
from wye.errors import UsageError

if TYPE_CHECKING:
    from wye.road.hub import Hub

app = typer.Typer(no_args_is_help=True, help="Find and open people; decide who is who.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]

people_history.register(app)


@app.command()
def find(
    source: Annotated[str, typer.Argument(help="The system, such as frameworki.")],
    stream: Annotated[str, typer.Argument(help="Its stream of people, such as persons.")],
    key: Annotated[str, typer.Argument(help="The system's own key.")],
    as_json: Json = False,
) -> None:
    """Find the person of a system's record by that system's own key."""
    from wye.identity.review import person_of
    from wye.ports import record_id

    record = record_id(source, stream, key)
    with _hub() as hub:
        result({"record": record, "person": person_of(hub.conn, record)}, as_json)


@app.command()
def show(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="What was known then: a day (its end in London) or an instant.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a person's best known attributes with source and reason, their records and their merges."""
    from wye.road.people import look

    if as_of is not None:
        people_history.show_then(person, as_of, as_json=as_json)
        return
    with _hub() as hub:
        result(look(hub, _id(person)), as_json)


@app.command()
def review(
    limit: Annotated[int, typer.Option(help="How many pairs, the likeliest first.", min=1)] = 20, as_json: Json = False
) -> None:
    """List pairs of records that may be one person, and how they compare. Decide with `merge`, or leave them apart."""
    from wye.road.people import doubtful

    with _hub() as hub:
        found = [
            {
                "records": pair.records,
                "persons": pair.persons,
                "weight": round(pair.weight, 1),
                "found_at": pair.found_at,
                "differences": pair.differences,
            }
            for pair in doubtful(hub, limit)
        ]
    result(found, as_json, None if found else "no pair waits for a decision")


@app.command()
def merge(
    kept: Annotated[str, typer.Argument(help="The person who stays.")],
    other: Annotated[str, typer.Argument(help="The person whose records move.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Merge two persons into one; `unmerge` undoes it."""
    from wye.road.people import merge as merge_persons

    with _hub() as hub:
        merged = merge_persons(hub, _id(kept), _id(other), reason)
    result({"event": merged.event, "kept": merged.persons[0], "other": merged.persons[1]}, as_json)


@app.command()
def unmerge(event: Annotated[str, typer.Argument(help="The merge's event id.")], as_json: Json = False) -> None:
    """Undo a merge: its records go back, and are not joined again."""
    from wye.road.people import unmerge as unmerge_persons

    with _hub() as hub:
        undone = unmerge_persons(hub, _id(event))
    result({"event": undone.event, "persons": undone.persons}, as_json)


@contextmanager
def _hub() -> Iterator["Hub"]:
    from wye import bootstrap

    with bootstrap.open_hub() as hub:
        yield hub


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"`{text}` is no id; ids look like 018f2f6e-0000-7000-8000-000000000000") from None
