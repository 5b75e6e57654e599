"""Count what the trail records of flows with the police: what `wye audit section62` does."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from wye.cli.console import result, say
from wye.errors import EnvironmentFault

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A day, as 2026-11-21; both days are included.")]


def section62(
    since: Day,
    until: Day,
    html: Annotated[Path | None, typer.Option(help="Also write the page to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count collection, alteration, consultation, disclosure, combination and erasure by month, under agreements with police.

    Section 62 of the Data Protection Act 2018 binds competent authorities; the page claims no more. Goes on the record.
    """
    from wye.cli.trail import opened
    from wye.road import section62_page
    from wye.road.account import clock, signed_in
    from wye.road.report.texts import read_texts
    from wye.road.section62 import KINDS
    from wye.road.section62 import section62 as count

    with opened() as trail:
        texts = read_texts(trail.settings)
        counts = count(trail.conn, trail.keys, texts, since.date(), until.date(), actor=signed_in(), at=clock())
    if html is not None:
        try:
            html.write_text(section62_page.page(counts), encoding="utf-8")
        except OSError as error:
            raise EnvironmentFault(f"the page cannot be written to `{html}`: {error.strerror}") from None
        say(f"page written to {html}")
    told = [
        {
            "agreement": flow.agreement,
            "authorities": flow.authorities,
            "months": {
                f"{year}-{month:02}": {kind.value: counts.number(flow.agreement, (year, month), kind) for kind in KINDS}
                for year, month in counts.months
            },
            "unread": counts.unread.get(flow.agreement, 0),
        }
        for flow in counts.flows
    ]
    result(
        {"claim": section62_page.CLAIM, "limits": section62_page.LIMITS, "flows": told},
        as_json,
        section62_page.text(counts),
    )
