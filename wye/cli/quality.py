"""Show what the quality checks found, and decide about what they hold.

Each of the other commands of this noun stands in a module `wye.cli.quality_<name>` of its own and is joined below.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from wye.cli import quality_sample, quality_show
from wye.cli.console import result, say
from wye.cli.quality_quarantine import app as quarantine
from wye.errors import EnvironmentFault

app = typer.Typer(no_args_is_help=True, help="Show scorecards and the rows to work off.")
app.command()(quality_show.show)
app.add_typer(quality_sample.app, name="sample")
app.add_typer(quarantine, name="quarantine")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def report(
    html: Annotated[Path | None, typer.Option("--html", help="Also write the page to this file.")] = None,
    as_json: Json = False,
) -> int:
    """Print the latest result of every table rule, stream by stream, and what is held; exit 1 if anything is.

    Figures and names only. The page is one file without scripts that fetches nothing.
    """
    from wye.cli.hub import open_hub
    from wye.road.holds import report as report_of

    with open_hub() as hub:
        found = report_of(hub)
        at = hub.at()
    if html is not None:
        from wye.quality.page import report_page

        try:
            html.write_text(report_page(found["rules"], found["held"], at), encoding="utf-8")
        except OSError as error:
            raise EnvironmentFault(f"the page cannot be written to `{html}`: {error.strerror}") from None
        say(f"page written to {html}")
    result(found, as_json, _text(found["rules"], found["held"]))
    bad = any(row["outcome"] in {"hold", "broken"} and not row["released"] for row in found["rules"])
    return 1 if bad or found["held"] else 0


@app.command()
def release(
    what: Annotated[str, typer.Argument(help="A stream, such as frameworki.persons, or the id of one held batch.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is right as it is, for the record.")],
    as_json: Json = False,
) -> None:
    """Release what table rules hold, as it is; the next run maps it, and its row rules still apply.

    For a whole stream, what is held becomes the beginning of a new history. A held batch needs no release if its
    system mends the rows: the next good read ends the hold.
    """
    from wye.cli.hub import open_hub
    from wye.road.holds import release as release_held

    with open_hub() as hub:
        done = release_held(hub, what, reason)
    result(
        {"release": done.release, "source": done.source, "stream": done.stream, "batches": done.batches},
        as_json,
        f"released {len(done.batches)} {'batch' if len(done.batches) == 1 else 'batches'} of"
        f" {done.source}.{done.stream}; the next run maps what was held",
    )


def _text(rules: Sequence[Mapping[str, object]], held: Sequence[Mapping[str, object]]) -> str:
    from wye.quality.tables.check import figures

    lines: list[str] = []
    place = ""
    for row in rules:
        if (here := f"{row['source']}.{row['stream']}, {row['checked_at']:%Y-%m-%d %H:%M}") != place:
            lines.append(place := here)
        bounds = (
            float(str(figure)) if figure is not None else None for figure in (row["observed"], row["low"], row["high"])
        )
        outcome = f"{row['outcome']}{', released' if row['released'] else ''}"
        lines.append(f"  {outcome:7} {row['rule']} ({row['dimension']}): {row['said']}{figures(*bounds)}")
    lines += [f"held: {row['source']}.{row['stream']} batch {row['batch']}: {row['reason']}" for row in held]
    return "\n".join(lines or ["no stream has been looked at yet"])
