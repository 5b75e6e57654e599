"""Publish the tables of open data, small numbers hidden."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wye.cli.console import result, say

if TYPE_CHECKING:
    from wye.road.publish import Published


def publish(
    agreement: Annotated[str, typer.Argument(help="The id of an agreement on open data.")],
    out: Annotated[
        Path | None, typer.Option(help="A folder: make the release of this period, a CSV for each table and one JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count people for open data: small numbers are hidden, and others, so that nobody can work one out.

    Without `--out` it shows what would be published and keeps nothing but the entry that you looked. With it the release of this
    month or quarter is made, once.
    """
    from wye.cli.hub import open_hub
    from wye.road.publish import publish as run

    with open_hub() as hub:
        found = run(hub, agreement, out, say)
    data = {
        "agreement": found.agreement,
        "version": found.version,
        "period": found.period,
        "made": out is not None,
        "files": sorted(found.files),
        "tables": {
            name: [{"categories": row.categories, "people": row.people, "note": row.note} for row in rows]
            for name, rows in found.release.tables.items()
        },
    }
    result(data, as_json, "\n".join(_lines(found, out)))


def _lines(found: "Published", out: Path | None) -> list[str]:
    lines = []
    for name, rows in found.release.tables.items():
        lines.append(name)
        width = max(len(", ".join(row.categories)) for row in rows)
        for row in rows:
            people = row.note if row.people is None else f"about {row.people:,}"
            lines.append(f"  {', '.join(row.categories):{width}}  {people}")
    if out is None:
        return [
            *lines,
            f"{found.agreement} for {found.period}: nothing was published; `--out FOLDER` makes the release, once",
        ]
    return [*lines, f"{found.agreement} for {found.period}: {len(found.files)} files in {out}"]
