"""Write the report page: one file, no script, nothing fetched from anywhere, no value of anybody.

Great Expectations has a page of its own; it shows values and loads assets from public networks, so it is never made.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby

from wye.quality.tables.check import number
from wye.vocabulary import CheckOutcome

MEANING = {
    CheckOutcome.PASS: "passed",
    CheckOutcome.WARN: "warning: rows went on",
    CheckOutcome.HOLD: "held: rows wait",
    CheckOutcome.BROKEN: "broken check: rows wait, and nothing is known of them",
}

STYLE = """
body { font-family: Arial, sans-serif; line-height: 1.5; color: #0b0c0c; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
caption { font-weight: bold; font-size: 1.2rem; text-align: left; padding: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #b1b4b6; }
td.figure { text-align: right; font-variant-numeric: tabular-nums; }
tr.warn td.outcome, tr.hold td.outcome, tr.broken td.outcome { font-weight: bold; }
"""

Row = Mapping[str, object]


def report_page(rules: Sequence[Row], held: Sequence[Row], at: datetime) -> str:
    """Write the whole page from what `wye quality report --json` prints."""
    counts = {outcome: sum(row["outcome"] == outcome for row in rules) for outcome in CheckOutcome}
    summary = "".join(f"<li>{counts[outcome]} {MEANING[outcome]}</li>" for outcome in CheckOutcome)
    tables = "".join(
        _table(f"{source}, {stream}", list(group))
        for (source, stream), group in groupby(rules, lambda row: (str(row["source"]), str(row["stream"])))
    )
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Table checks</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Table checks</h1>\n"
        f"<p>The latest look at each stream, as of {_when(at)}. Figures only: no value of any row is kept or shown.</p>\n"
        f"<ul>{summary}</ul>\n<h2>What is held</h2>\n{_held(held)}\n<h2>Rules by stream</h2>\n"
        f"{tables or '<p>No stream has been looked at yet.</p>'}\n</main>\n</body>\n</html>\n"
    )


def _held(held: Sequence[Row]) -> str:
    if not held:
        return "<p>Nothing is held.</p>"
    rows = "".join(
        f'<tr><th scope="row">{escape(str(row["source"]))}</th>'
        + _cells((str(row["stream"]), str(row["batch"]), str(row["reason"]), _when(row["landed_at"])))
        + "</tr>\n"
        for row in held
    )
    return (
        f"<table>\n<caption>Batches that wait for a mended read, or for a person</caption>\n{_head('System', 'Stream', 'Batch', 'Why', 'Came')}"
        f"<tbody>\n{rows}</tbody>\n</table>"
    )


def _table(caption: str, rules: Sequence[Row]) -> str:
    head = _head("Rule", "Dimension", "Outcome", "Seen", "Least", "Most", "What was looked at", "When")
    rows = "".join(_rule(row) for row in rules)
    return f"<table>\n<caption>{escape(caption)}</caption>\n{head}<tbody>\n{rows}</tbody>\n</table>\n"


def _rule(row: Row) -> str:
    outcome = CheckOutcome(str(row["outcome"]))
    words = MEANING[outcome] + (", then released by a person" if row["released"] else "")
    figures = "".join(f'<td class="figure">{_figure(row[name])}</td>' for name in ("observed", "low", "high"))
    return (
        f'<tr class="{outcome}"><th scope="row">{escape(str(row["rule"]))}</th>{_cells((str(row["dimension"]),))}'
        f'<td class="outcome">{escape(words)}</td>{figures}{_cells((str(row["said"]), _when(row["checked_at"])))}</tr>\n'
    )


def _head(*names: str) -> str:
    return "<thead><tr>" + "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr></thead>\n"


def _cells(words: Iterable[str]) -> str:
    return "".join(f"<td>{escape(word)}</td>" for word in words)


def _figure(figure: object) -> str:
    return number(figure) if isinstance(figure, float) else "-"


def _when(at: object) -> str:
    return f"{at:%d %B %Y, %H:%M} UTC" if isinstance(at, datetime) else "-"
