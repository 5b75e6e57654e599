"""Write a report as one page that stands alone: no script, nothing from elsewhere, every word escaped."""

from html import escape

from wye.road.report.released import NOTHING, Released, ReleasedLine, parts

STYLE = (
    "body{font-family:Arial,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem;line-height:1.5}"
    "dt{font-weight:bold;margin-top:.5rem}dd{margin:0}section{border-top:1px solid #b1b4b6}"
)


def page(released: Released) -> str:
    """Write the page."""
    lines = "".join(_section(line) for line in released.lines) or f"<p>{NOTHING}</p>"
    notes = "".join(f"<p>{escape(note)}</p>" for note in released.notes)
    title = escape(released.title)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1><p>{escape(released.preface)}</p>{lines}{notes}</main></body></html>\n"
    )


def _section(line: ReleasedLine) -> str:
    told = "".join(
        f"<dt>{escape(heading)}</dt>{''.join(f'<dd>{escape(one)}</dd>' for one in sentences)}"
        for heading, sentences in parts(line)
    )
    return f"<section><h2>{line.number}. {escape(line.words.recipient)}</h2><dl>{told}</dl></section>"
