"""Write scorecards as one page that stands alone: the chart, and beside it a table that says the same in numbers."""

from collections.abc import Sequence
from html import escape

from wye.quality.score import Card
from wye.quality.trend import svg

STYLE = (
    "body{font-family:Arial,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;line-height:1.4}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #b1b4b6;"
    "vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}figure{margin:1rem 0;overflow-x:auto}"
)


def page(cards: Sequence[Card]) -> str:
    """Write the page. It holds names of systems and rules, and counts: nothing about anybody."""
    day = max((card.today.day for card in cards), default=None)
    head = f"<h1>How good the data is{f', {day:%d %B %Y}' if day else ''}</h1>"
    if not cards:
        return _whole(head + "<p>Nothing was scored yet.</p>")
    drawn = svg(cards)
    chart = f'<figure role="img" aria-label="Share of rows without a failure, by day; the table says the same.">{drawn}</figure>'
    rows = "".join(_row(card) for card in cards)
    heads = "".join(
        f'<th scope="col">{word}</th>'
        for word in ("Source", "Dimension", "Good", "Change", "Rows", "Failing", "Most often", "Owner")
    )
    return _whole(f"{head}{chart}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")


def _row(card: Card) -> str:
    worst = "<br>".join(escape(f"{rule.rule} ({rule.stream}.{rule.column}): {rule.failed}") for rule in card.worst)
    numbers = (percent(card.today.good), points(card.change), str(card.today.rows), str(card.today.failed))
    cells = "".join(f'<td class="n">{escape(number)}</td>' for number in numbers)
    return (
        f'<tr><th scope="row">{escape(card.source)}</th><td>{escape(card.dimension)}</td>{cells}'
        f"<td>{worst}</td><td>{escape(card.owner)}</td></tr>"
    )


def _whole(body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Scorecards</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def percent(share: float) -> str:
    """Write a share; never 100.0% where a row fails."""
    written = f"{share:.1%}"
    return ">99.9%" if written == "100.0%" and share < 1 else written


def points(change: float | None) -> str:
    """Write a change in percentage points."""
    if change is None:
        return "first"
    return "=" if abs(change) < 0.0005 else f"{change * 100:+.1f}"  # noqa: PLR2004  less than is shown
