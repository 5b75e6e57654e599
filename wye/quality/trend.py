"""Draw how shares moved over days: a line of blocks for a terminal, a static SVG for a page.

The SVG is made on this machine by Altair and vl-convert: no script, no font or data from elsewhere, and the heavy
imports wait until a chart is asked for.
"""

from collections.abc import Sequence

from wye.quality.score import Card

BLOCKS = "▁▂▃▄▅▆▇█"
WORST = 0.5
"""A spark's floor: below half good, all is the lowest block."""
WIDTH, HEIGHT = 260, 110
COLUMNS = 3


def sparkline(shares: Sequence[float], lowest: float | None = None) -> str:
    """Draw shares from 0 to 1 as blocks, between the lowest of them (or `lowest`) and 1, so that small moves show."""
    if not shares:
        return ""
    floor = max(WORST, min(shares) if lowest is None else lowest)
    if floor >= 1:
        return BLOCKS[-1] * len(shares)
    steps = [round((max(share, floor) - floor) / (1 - floor) * (len(BLOCKS) - 1)) for share in shares]
    return "".join(BLOCKS[step] for step in steps)


def svg(cards: Sequence[Card]) -> str:
    """Draw one small chart to a source, with a line to each dimension: share of rows without a failure, by day."""
    import altair as alt
    import vl_convert

    lines = [
        {"source": card.source, "dimension": card.dimension, "day": one.day.isoformat(), "good": round(one.good, 5)}
        for card in cards
        for one in card.days
    ]
    chart = (
        alt.Chart(alt.InlineData(values=lines))
        .mark_line(point=True)
        .encode(
            x=alt.X("day:T", title="day", axis=alt.Axis(format="%d %b", tickCount=4)),
            y=alt.Y("good:Q", title="share good", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%")),
            color=alt.Color("dimension:N", title="dimension"),
            strokeDash=alt.StrokeDash("dimension:N", title="dimension"),
        )
        .properties(width=WIDTH, height=HEIGHT)
        .facet(facet=alt.Facet("source:N", title=None), columns=COLUMNS)
    )
    drawn: str = vl_convert.vegalite_to_svg(chart.to_json(indent=None))
    return drawn
