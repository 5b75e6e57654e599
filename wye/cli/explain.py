"""Explain why something about a person is shared under an agreement, or why not: as decided now, or at an instant."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from wye.cli.console import result
from wye.errors import UsageError

if TYPE_CHECKING:
    from wye.road.explain import Explained

app = typer.Typer(no_args_is_help=True, help="Say why something was shared, or why not.")


@app.command()
def explain(
    person: Annotated[str, typer.Argument(help="The person's id; `wye people find` tells it.")],
    agreement: Annotated[
        str | None, typer.Option("--agreement", help="One agreement; all of them, if left out.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="As it was decided then: a day (its end in London), or an instant with its zone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Decide anew, change nothing, and tell field by field what would leave, what would not, and by which rule.

    With --as-of on what Wye knew, and under the texts in force, at that instant; the law's tables are today's.
    """
    from wye.cli.hub import open_hub
    from wye.identity.history import NO_LONGER_HELD
    from wye.road import explain as explaining

    try:
        who = UUID(person)
    except ValueError:
        raise UsageError(f"`{person}` is no person's id; `wye people find` tells it") from None
    with open_hub() as hub:
        if as_of is None:
            found = explaining.explain(hub, who, agreement)
        else:
            found = explaining.explain_then(hub, who, as_of, agreement)
    if found.as_of is None:
        result(_data(found), as_json, "\n".join(_words(found, "is")))
        return
    told = {
        "person": str(who), "as_of": found.as_of.isoformat(), "held": found.held, "notes": list(found.notes),
        "agreements": _data(found),
    }  # fmt: skip
    at = f"as of {found.as_of.isoformat(timespec='seconds')}"
    lines = [at, *found.notes, "", *_words(found, "was")] if found.held else [f"{who}, {at}: {NO_LONGER_HELD}"]
    result(told, as_json, "\n".join(lines))


def _data(found: "Explained") -> dict[str, object]:
    from wye.sharing.explaining import as_data

    told: dict[str, object] = {}
    for name in sorted({*found.decided, *found.refused}):
        if name in found.refused:
            told[name] = {"refused": found.refused[name]}
        else:
            told[name] = {
                **as_data(found.decided[name]),
                "version": found.versions[name],
                "pending_protections": list(found.pending),
            }
    return told


def _words(found: "Explained", tense: str) -> Iterator[str]:
    from wye.sharing.explaining import explain as in_words

    if found.pending:
        yield from (*found.pending, "")
    for name in sorted({*found.decided, *found.refused}):
        if name in found.refused:
            yield f"{name}: {'not' if tense == 'is' else 'was not'} in force, nothing {tense} shared: {found.refused[name]}"
        else:
            yield f"{name} {found.versions[name]}"
            yield from (f"  {line}" for line in in_words(found.decided[name]))
        yield ""
