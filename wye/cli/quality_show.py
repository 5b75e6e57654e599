"""Show scorecards: how good each source's data is, in which dimension, since when, and what to mend first."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wye.cli.console import result, say
from wye.errors import UsageError

if TYPE_CHECKING:
    from wye.quality.score import Card


def show(
    source: Annotated[str | None, typer.Argument(help="The system; all of them, if left out.")] = None,
    days: Annotated[int, typer.Option(help="How many days of history.", min=1)] = 30,
    html: Annotated[Path | None, typer.Option(help="Write a page with the chart and a table.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the chart alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how good each source's data is, by dimension: today, since yesterday, and as it went."""
    from wye.cli.hub import open_hub
    from wye.quality.score import cards
    from wye.quality.score_rows import days_of, rules_today

    with open_hub() as hub:
        if source is not None and source not in hub.source_names:
            raise UsageError(f"no source `{source}`; there are: {', '.join(hub.source_names)}")
        owners = {name: hub.contract(name).owner for name in hub.source_names}
        found = cards(days_of(hub.conn, source, days), rules_today(hub.conn, source), owners)
    if not found:
        say("nothing was scored yet: `wye run` scores at its end, and so does the nightly DAG")
    _write(found, html, svg)
    result([_told(card) for card in found], as_json, "\n".join(_lines(found)))


def _write(found: Sequence["Card"], html: Path | None, svg: Path | None) -> None:
    from wye.quality.scorecard_page import page
    from wye.quality.trend import svg as draw

    if html is not None:
        html.write_text(page(found), encoding="utf-8")
        say(f"page: {html}")
    if svg is not None:
        svg.write_text(draw(found), encoding="utf-8")
        say(f"chart: {svg}")


def _told(card: "Card") -> dict[str, object]:
    return {
        "source": card.source,
        "dimension": card.dimension,
        "owner": card.owner,
        "day": card.today.day,
        "rows": card.today.rows,
        "failing": card.today.failed,
        "good": round(card.today.good, 5),
        "change": None if card.change is None else round(card.change, 5),
        "history": [{"day": one.day, "rows": one.rows, "failing": one.failed} for one in card.days],
        "worst": [rule._asdict() for rule in card.worst],
    }


def _lines(found: Sequence["Card"]) -> list[str]:
    from wye.quality.scorecard_page import percent, points
    from wye.quality.trend import sparkline

    lines = (
        [f"{'source':<16}{'dimension':<14}{'good':>7}{'change':>8}{'rows':>9}{'failing':>9}  trend"] if found else []
    )
    for card in found:
        spark = sparkline([one.good for one in card.days])
        today = card.today
        lines.append(
            f"{card.source:<16}{card.dimension:<14}{percent(today.good):>7}{points(card.change):>8}"
            f"{today.rows:>9}{today.failed:>9}  {spark}"
        )
        lines += [
            f"    {rule.failed:>7}  {rule.rule} ({rule.stream}.{rule.column}), {rule.severity}; mends: {card.owner}"
            for rule in card.worst
        ]
    return lines
