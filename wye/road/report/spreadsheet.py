"""Write a report as CSV for people who open it in a spreadsheet. Feeds for machines are written elsewhere, untouched.

No cell is run as a formula (wye/spreadsheet.py), and every one is quoted, so that no comma or line break within one
begins another.
"""

import csv
import io
from collections.abc import Iterator

from wye.road.report.released import Released
from wye.spreadsheet import defused

HEADINGS = ("To whom", "First", "Last", "Times", "Why", "Under which law", "Which information", "From which systems",
            "Agreement")  # fmt: skip


def spreadsheet(released: Released) -> str:
    """Write the lines and then the notes, one to a row, with a byte-order mark by which spreadsheets know UTF-8."""
    page = io.StringIO()
    writer = csv.writer(page, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([defused(cell) for cell in row] for row in _rows(released))
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + page.getvalue()


def _rows(released: Released) -> Iterator[tuple[str, ...]]:
    yield HEADINGS
    for line in released.lines:
        words = line.words
        yield (
            words.recipient, line.first.isoformat(), line.last.isoformat(), str(line.times), words.purpose,
            "; ".join(words.law), "; ".join(words.data), "; ".join(words.sources), words.agreement,
        )  # fmt: skip
    yield from ((note,) for note in (released.preface, *released.notes))
