"""Write a version of the linkage model as one page that stands alone: charts, and beside each a table with its numbers."""

from collections.abc import Mapping, Sequence
from html import escape

from wye.identity import model
from wye.identity.model_charts import levels, shares_svg, thresholds_svg, weights_svg

STYLE = (
    "body{font-family:Arial,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;line-height:1.4}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{text-align:left;padding:.25rem .6rem;"
    "border-bottom:1px solid #b1b4b6}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "figure{margin:1rem 0;overflow-x:auto}"
)


def page(name: str, facts: Mapping[str, str], parameters: model.Parameters) -> str:
    """Write the page of a version. It holds levels and shares: nothing about anybody."""
    head = f"<h1>Linkage model {escape(name)}</h1>" + _table(("", ""), list(facts.items()))
    thresholds = (
        f"<p>Two records are joined from weight {model.JOIN:g} (a chance of {model.chance(model.JOIN):.2%} to be one person),"
        f" parted below {model.FRACTURE:g} ({model.chance(model.FRACTURE):.2%}), and a human is asked from"
        f" {model.DOUBT:g} ({model.chance(model.DOUBT):.2%}).</p>"
    )
    rows = [
        (str(row["comparison"]), str(row["level"]), f"{row['m']:.6g}", f"{row['u']:.6g}", f"{row['weight']:+.2f}")
        for row in levels(parameters)
    ]
    weighed = _figure(weights_svg(parameters), "Match weight of each level; the table says the same.")
    shares = _figure(shares_svg(parameters), "Share of pairs at each level, m and u; the table says the same.")
    body = (
        f"{head}<h2>What each level weighs</h2>{weighed}<h2>How often each level is seen</h2>{shares}"
        f"{_table(('Compared', 'Level', 'm', 'u', 'Weight'), rows)}<h2>Thresholds</h2>{thresholds}"
        f"{_expected(parameters.get('expected', {}).get('curve', []))}"
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Linkage model {escape(name)}</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _expected(curve: Sequence[Mapping[str, float]]) -> str:
    if not curve:
        return "<p>What to expect of thresholds was not kept with this version.</p>"
    drawn = _figure(thresholds_svg(curve), "Expected precision and recall by threshold; the table says the same.")
    rows = [
        (f"{point['weight']:g}", f"{point['precision']:.4%}", f"{point['recall']:.2%}", f"{point['pairs']:,}")
        for point in curve
    ]
    return drawn + _table(("Joined from", "Expected precision", "Expected recall", "Pairs"), rows)


def _figure(svg: str, label: str) -> str:
    return f'<figure role="img" aria-label="{escape(label)}">{svg}</figure>'


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f'<td class="{_kind(cell)}">{escape(cell)}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _kind(cell: str) -> str:
    return "n" if cell[:1] in "+-0123456789" else "t"
