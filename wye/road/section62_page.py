"""Write section 62 counts, as text or as one page that stands alone."""

from collections.abc import Iterator
from html import escape

from wye.road.section62 import KINDS, Counts, Flow, Month

CLAIM = (
    "Section 62 of the Data Protection Act 2018 binds competent authorities, such as the police, and whoever processes"
    " for them. This page counts what the hub's trail records of flows with them, and claims no more: not that the"
    " council is bound by it, nor that this is all that a force must log."
)
LIMITS = (
    "What happens to a person (a look, an alteration, a combination, an erasure) is counted under every flow by which"
    " something of theirs came in and is held, or went out; linking is one entry for a batch of records. Entries from"
    " before this was recorded name no flow for these and are counted under none. Messages are counted when they were made ready"
    " to send, and not if they were never sent. Numbers are as they are, however small: for use inside only."
)
STYLE = (
    "body{font-family:Arial,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.4}"
    "table{border-collapse:collapse;width:100%}caption,th,td{text-align:left;padding:.3rem .6rem}"
    "th,td{border-bottom:1px solid #b1b4b6}td{text-align:right;font-variant-numeric:tabular-nums}"
)


def text(counts: Counts) -> str:
    """Write the counts for a terminal."""
    lines = [f"section 62 counts, {counts.since} to {counts.until}", CLAIM, LIMITS]
    for flow in counts.flows:
        lines += ["", _heading(flow), "          " + "".join(f"{kind.value:>14}" for kind in KINDS)]
        lines += [
            f"{_month(month):10}" + "".join(f"{word:>14}" for word in _row(counts, flow, month))
            for month in counts.months
        ]
        if unread := counts.unread.get(flow.agreement):
            lines.append(f"and {unread} entries that can no longer be read")
    return "\n".join(lines if counts.flows else [*lines, "", "no agreement has the police as a party"])


def page(counts: Counts) -> str:
    """Write the page."""
    tables = "".join(_table(counts, flow) for flow in counts.flows) or "<p>No agreement has the police as a party.</p>"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Section 62 counts</title>'
        f"<style>{STYLE}</style></head><body><main><h1>Section 62 counts, {counts.since} to {counts.until}</h1>"
        f"<p>{escape(CLAIM)}</p><p>{escape(LIMITS)}</p>{tables}</main></body></html>\n"
    )


def _table(counts: Counts, flow: Flow) -> str:
    heads = "".join(f'<th scope="col">{word}</th>' for word in ("month", *(kind.value for kind in KINDS)))
    rows = "".join(
        f'<tr><th scope="row">{_month(month)}</th>{"".join(f"<td>{word}</td>" for word in _row(counts, flow, month))}</tr>'
        for month in counts.months
    )
    unread = counts.unread.get(flow.agreement, 0)
    more = f"<p>And {unread} entries that can no longer be read.</p>" if unread else ""
    return f"<table><caption>{escape(_heading(flow))}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"


def _heading(flow: Flow) -> str:
    return f"{flow.title} ({flow.agreement}), with {', '.join(flow.authorities)}"


def _month(month: Month) -> str:
    return f"{month[0]}-{month[1]:02}"


def _row(counts: Counts, flow: Flow, month: Month) -> Iterator[str]:
    for kind in KINDS:
        yield str(counts.number(flow.agreement, month, kind))
