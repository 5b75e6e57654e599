"""Show what a version of an agreement would change if it were in force today."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from wye.cli.agreements_folder import folder
from wye.cli.console import result, say
from wye.small_numbers import in_words

if TYPE_CHECKING:
    from wye.road.preview import Moved, Preview


def preview(
    version: Annotated[str, typer.Argument(help="An agreement's id, or the folder of a version, signed or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Decide everybody under this version and under what is in force: what would newly leave, what would stop.

    Sends and keeps nothing but the entry that you looked. Numbers of people under 10 are hidden, others rounded.
    """
    from wye.cli.hub import open_hub
    from wye.road.preview import preview as run

    with open_hub() as hub:
        found = run(hub, folder(version), say)
    data = {
        "agreement": found.agreement,
        "version": found.version,
        "in_force": found.in_force,
        "looked_at": found.looked_at,
        "newly": found.newly._asdict(),
        "stopped": found.stopped._asdict(),
        "newly_by_field": {name: each._asdict() for name, each in found.newly_by_field.items()},
        "stopped_by_field": {name: each._asdict() for name, each in found.stopped_by_field.items()},
        "withheld": dict(found.withheld),
    }
    result(data, as_json, "\n".join(_lines(found)))


def _lines(found: "Preview") -> Iterator[str]:
    against = f"version {found.in_force}, in force" if found.in_force else "nothing: no version of it is in force"
    yield f"{found.agreement} {found.version} against {against}; {in_words(found.looked_at)} people decided"
    for title, whole, fields in (
        ("would newly disclose", found.newly, found.newly_by_field),
        ("would stop disclosing", found.stopped, found.stopped_by_field),
    ):
        yield f"{title}: {_told(whole)}"
        yield from _fields(fields)
    if found.withheld:
        yield "would release nothing about subjects of it:"
        yield from (f"  {in_words(count)} people by {clause}" for clause, count in found.withheld.items())


def _fields(fields: Mapping[str, "Moved"]) -> Iterator[str]:
    width = max(map(len, fields), default=0)
    yield from (f"  {name:{width}}  {_told(each)}" for name, each in fields.items())


def _told(moved: "Moved") -> str:
    if moved.people == 0:
        return "nothing"
    rows = "" if moved.rows is None else f", {in_words(moved.rows)} values"
    return f"{in_words(moved.people)} people{rows}"
