"""Find and show people, review doubtful matches, merge and undo merges."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from wye.cli import (
    people_corrections,
    people_glass,
    people_history,
    people_model,
    people_restrictions,
    people_review,
    people_words,
)
from wye.cli.console import result

if TYPE_CHECKING:
    from wye.road.hub import Hub

app = typer.Typer(no_args_is_help=True, help="Find and open people; decide who is who.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

people_history.register(app)
people_words.register(app)
people_restrictions.register(app)
app.add_typer(people_restrictions.referred, name="referred")
people_glass.register(app)
app.add_typer(people_glass.glass, name="glass")
app.add_typer(people_review.review, name="review")
app.add_typer(people_model.model, name="model")
app.add_typer(people_corrections.corrections, name="corrections")


@app.command()
def find(
    source: Annotated[str, typer.Argument(help="The system, such as frameworki.")],
    stream: Annotated[str, typer.Argument(help="Its stream of people, such as persons.")],
    key: Annotated[str, typer.Argument(help="The system's own key.")],
    as_json: Json = False,
) -> None:
    """Find the person of a system's record by that system's own key."""
    from wye.ports import record_id
    from wye.road.people import find as find_person

    record = record_id(source, stream, key)
    with _hub() as hub:
        result({"record": record, "person": find_person(hub, record)}, as_json)


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
        result(look(hub, people_words.read_id(person)), as_json)


@contextmanager
def _hub() -> Iterator["Hub"]:
    from wye.cli.hub import open_hub

    with open_hub() as hub:
        yield hub
