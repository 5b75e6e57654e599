"""Draw a version of the linkage model as static SVG: what each level weighs, m and u, and what each threshold lets expect.

Made on this machine by Altair and vl-convert: no script, no font or data from elsewhere; the heavy imports wait until a
chart is asked for. Pure; nothing about anybody goes in.
"""

from collections.abc import Mapping, Sequence

from wye.identity import model
from wye.identity.comparisons import COMPARISONS, ELSE

ROW, WIDTH = 15, 420
"""Height of a bar and width of a chart, in pixels."""


def levels(parameters: model.Parameters) -> list[dict[str, object]]:
    """List each level with m, u and its weight, in the order in which they are compared."""
    found: list[dict[str, object]] = []
    for each in COMPARISONS:
        for label in (*(level.label for level in each.levels), ELSE):
            m, u = parameters["comparisons"][each.name][label]
            found.append(
                {
                    "place": len(found),
                    "comparison": each.name.replace("_", " "),
                    "level": label,
                    "m": m,
                    "u": u,
                    "weight": round(model.bits(m, u), 2),
                }
            )
    return found


def weights_svg(parameters: model.Parameters) -> str:
    """Draw what each level adds to the match weight, or takes from it."""
    import altair as alt

    rows = [{**row, "name": f"{row['comparison']}: {row['level']}"} for row in levels(parameters)]
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("weight:Q", title="match weight (bits)"),
            y=alt.Y("name:N", title=None, sort=[str(row["name"]) for row in rows], axis=alt.Axis(labelLimit=340)),
            color=alt.condition("datum.weight > 0", alt.value("#00703c"), alt.value("#d4351c")),
        )
        .properties(width=WIDTH, height=ROW * len(rows))
    )
    return _svg(chart)


def shares_svg(parameters: model.Parameters) -> str:
    """Draw how often one person's records are at each level (m), and how often strangers' are (u)."""
    import altair as alt

    rows = [
        {"name": f"{row['comparison']}: {row['level']}", "of": side, "share": max(float(str(row[key])), 1e-7)}
        for row in levels(parameters)
        for key, side in (("m", "one person (m)"), ("u", "strangers (u)"))
    ]
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, size=45)
        .encode(
            x=alt.X("share:Q", title="share of pairs (logarithmic)", scale=alt.Scale(type="log")),
            y=alt.Y("name:N", title=None, sort=[str(row["name"]) for row in rows[::2]], axis=alt.Axis(labelLimit=340)),
            color=alt.Color("of:N", title=None),
            shape=alt.Shape("of:N", title=None),
        )
        .properties(width=WIDTH, height=ROW * len(rows) // 2)
    )
    return _svg(chart)


def thresholds_svg(curve: Sequence[Mapping[str, float]]) -> str:
    """Draw what joining from each weight lets expect, with the thresholds in use."""
    import altair as alt

    rows = [
        {"weight": point["weight"], "of": kind, "share": point[kind]}
        for point in curve
        for kind in ("precision", "recall")
    ]
    lines = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line()
        .encode(
            x=alt.X("weight:Q", title="match weight from which pairs are joined"),
            y=alt.Y("share:Q", title="expected share", scale=alt.Scale(zero=False), axis=alt.Axis(format=".1%")),
            color=alt.Color("of:N", title=None),
            strokeDash=alt.StrokeDash("of:N", title=None),
        )
    )
    marks = [{"weight": model.JOIN, "name": "join"}, {"weight": model.FRACTURE, "name": "fracture"}, {"weight": model.DOUBT, "name": "ask"}]  # fmt: skip
    rules = alt.Chart(alt.InlineData(values=marks)).mark_rule(color="#505a5f").encode(x="weight:Q")
    names = rules.mark_text(align="left", dx=3, dy=-95).encode(text="name:N")
    return _svg((lines + rules + names).properties(width=WIDTH, height=200))


def _svg(chart: object) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(chart.to_json(indent=None))  # type: ignore[attr-defined]  # Altair's charts share no base type that says so
    return drawn
