"""Write a release of open data as files: a CSV for each table, and one JSON with what a reader must know to use them."""

import csv
import io
from datetime import date

import orjson

from schemas.catalogue import FIELDS
from wye.agreements.in_force import InForce
from wye.agreements.page import DONE, sections
from wye.sharing.cells import RESIDUAL
from wye.sharing.release import ALL, Release
from wye.spreadsheet import defused

GUARANTEE = (
    "Whoever knows every number told here exactly, and which hidden numbers are small, still finds every number from 0 to one "
    "under the minimum possible for each small one. Numbers told are rounded besides, so parts need not add up to totals. "
    "This holds for this release by itself, and for somebody who knows nothing else of the people counted."
)


def files_of(standing: InForce, made: Release, period: str, day: date) -> dict[str, bytes]:
    """Give the files by name."""
    agreement = standing.agreement
    said = agreement.aggregates
    if said is None:
        raise ValueError("an agreement without tables")
    stem = f"{agreement.id}-{period}"
    files = {f"{stem}-{table.id}.csv": _csv(table.by, made, table.id) for table in said.tables}
    about = {
        "agreement": agreement.id,
        "version": agreement.version,
        "digest": standing.digest.hex(),
        "title": agreement.title,
        "summary": agreement.publication.summary,
        "publisher": next(party.name for party in agreement.parties if party.id != agreement.recipient),
        "licence": said.licence,
        "period": period,
        "counted_on": day,
        "about_whom": next(each.sentences[0] for each in sections(agreement) if each.title == "About whom"),
        "not_counted": "People whose record is protected, or who objected, where that is heeded.",
        "minimum": said.minimum,
        "rounded_to": said.round_to,
        "guarantee": GUARANTEE,
        "all": f"`{ALL}` stands for a dimension that is summed over.",
        "residual": f"`{RESIDUAL}`: nothing is known, more than one thing is, or fewer than the minimum have it in common.",
        "dimensions": {
            f"{item.entity}.{item.field}": {
                "description": FIELDS[item.entity, item.field].description,
                "counted_as": DONE[item.transform],
                "sources": list(item.sources),
            }
            for item in agreement.data_items
        },
        "tables": [
            {
                "id": table.id,
                "file": f"{stem}-{table.id}.csv",
                "by": list(table.by),
                "why": table.justification,
                "rows": [
                    {
                        "categories": dict(zip(table.by, row.categories, strict=True)),
                        "people": row.people,
                        "note": row.note or None,
                    }
                    for row in made.tables[table.id]
                ],
            }
            for table in said.tables
        ],
    }
    option = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2
    return {**files, f"{stem}.json": orjson.dumps(about, option=option) + b"\n"}


def _csv(by: tuple[str, ...], made: Release, table: str) -> bytes:
    """Write one table; what is hidden is an empty cell, with why beside it."""
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow([*by, "people", "note"])
    for row in made.tables[table]:
        people = "" if row.people is None else str(row.people)
        rows.writerow([*map(defused, row.categories), people, row.note])
    return written.getvalue().encode()
