"""Open a person, in an emergency without a relationship that a system tells of; review such looks and let their notices go."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import typer

from wye.cli.console import result, say
from wye.cli.people_glass_words import listed_data, listed_words, opened_data, opened_words, seen_data, seen_words
from wye.cli.people_words import read_id
from wye.errors import UsageError

if TYPE_CHECKING:
    from wye.agreements.words import Relationship
    from wye.road.break_glass.review import Finding, Word
    from wye.road.hub import Hub

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[UUID, typer.Argument(help="The opening's id; `wye people glass list` tells it.")]
Reason = Annotated[str, typer.Option("--reason", help="What you looked at, and what is to follow.")]

glass = typer.Typer(
    no_args_is_help=True, help="Review who looked in an emergency; let their notices go or keep them back."
)


def register(app: typer.Typer) -> None:
    """Add `wye people open`."""
    app.command("open")(open_one)


def open_one(
    person: Annotated[str, typer.Argument(help="The person's id; `wye people find` tells it.")],
    agreement: Annotated[str, typer.Option("--agreement", help="The agreement under which you look.")],
    emergency: Annotated[
        bool, typer.Option("--break-glass", help="Look though no system tells that you work with the person.")
    ] = False,
    relationship: Annotated[
        str | None, typer.Option(help="With --break-glass: what you are to the person, such as duty-worker.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="With --break-glass: why it cannot wait, for whoever reviews it.")
    ] = None,
    hours: Annotated[
        int | None, typer.Option(help="With --break-glass: for how long, at most 8. 1 if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Open a person: what the agreement lets your role see, with its source. Exit 1 if it lets you see nothing.

    You need a relationship that a system tells of. Without one, and if the agreement permits it, --break-glass opens a window:
    on the record, reviewed by another account within 24 hours, and told to whoever it is about.
    """
    from wye.road.break_glass.open import HOURS, break_glass
    from wye.road.open_person import open_person

    if not emergency:
        if (relationship, reason, hours) != (None, None, None):
            raise UsageError("`--relationship`, `--reason` and `--hours` are for `--break-glass`")
        with _hub() as hub:
            seen = open_person(hub, read_id(person), agreement)
        held: tuple[str, ...] = ()
    else:
        if relationship is None or reason is None:
            raise UsageError("`--break-glass` needs `--relationship` and `--reason`")
        with _hub() as hub:
            done = break_glass(
                hub, read_id(person), agreement, _relationship(relationship), reason, HOURS if hours is None else hours
            )
        seen, held = done.seen, done.held
        if seen.window is not None:
            until = f"{seen.window.until:%Y-%m-%d %H:%M} UTC"
            say(f"your window {seen.window.id} ends by itself at {until}; another account reviews it within 24 hours")
            say(f"the notice is {'held until somebody lets it go: ' + '; '.join(held) if held else 'to be sent'}")
    result(seen_data(seen), as_json, "\n".join(seen_words(seen)))
    if not seen.decision.released:
        raise typer.Exit(1)


@glass.command("list")
def list_openings(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose review is overdue.")] = False,
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """List openings with who reviewed them; nobody who was looked at is named. Exit 1 if a review is overdue."""
    from wye.road.break_glass.rows import listed

    with _hub() as hub:
        at = hub.at()
        found = listed(hub.conn, limit, at if overdue else None)
    result(listed_data(found, at), as_json, "\n".join(listed_words(found, at)) or "nobody looked in an emergency")
    if any(one.overdue(at) for one in found):
        raise typer.Exit(1)


@glass.command()
def show(number: Number, as_json: Json = False) -> None:
    """Show who opened whom, as what and why, its reviews and its notice. The look goes on the record of the person."""
    from wye.road.break_glass.review import show as look

    with _hub() as hub:
        opened = look(hub, number)
    result(opened_data(opened), as_json, "\n".join(opened_words(opened)))


@glass.command()
def review(
    number: Number,
    finding: Annotated[str, typer.Argument(help="right or wrong.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Say whether an opening was right: another account than the one that opened, within 24 hours."""
    from wye.road.break_glass.review import review as keep

    if finding not in {"right", "wrong"}:
        raise UsageError(f"`{finding}` is no finding; there are: right, wrong")
    with _hub() as hub:
        keep(hub, number, cast("Finding", finding), reason)
    result({"break_glass": str(number), "finding": finding}, as_json)


@glass.command()
def notice(
    number: Number,
    word: Annotated[str, typer.Argument(help="release, withhold or sent.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Let a notice go, keep it back, or note that it was sent: another account than the one that opened.

    Prints the words of a notice that may go; you send it, and say so.
    """
    from wye.road.break_glass.review import say_of_notice

    if word not in {"release", "withhold", "sent"}:
        raise UsageError(f"`{word}` cannot be said of a notice; there are: release, withhold, sent")
    with _hub() as hub:
        text = say_of_notice(hub, number, cast("Word", word), reason)
    told = {"break_glass": str(number), "word": word, "notice": text or None}
    result(told, as_json, text or "the notice is kept back")


def _relationship(text: str) -> "Relationship":
    from wye.agreements.words import Relationship

    try:
        return Relationship(text)
    except ValueError:
        raise UsageError(f"`{text}` is no relationship; there are: {', '.join(Relationship)}") from None


@contextmanager
def _hub() -> Iterator["Hub"]:
    from wye.cli.hub import open_hub

    with open_hub() as hub:
        yield hub
