"""Print an agreement in plain English, as text for a terminal or as one HTML page for everybody else."""

from collections.abc import Iterator, Sequence
from html import escape
from textwrap import fill

from wye.agreements.model import Agreement
from wye.agreements.page import heading, sections
from wye.agreements.section import Line, Section

WIDTH = 100

STYLE = (
    "body{font-family:Arial,sans-serif;line-height:1.5;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#0b0c0c}"
    "table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.5rem 0}"
    "th,td{border-bottom:1px solid #b1b4b6;padding:.4rem .6rem .4rem 0;text-align:left;vertical-align:top}"
)
COLUMNS = ("Of", "What", "How", "From", "For", "Why")


def show(agreement: Agreement) -> str:
    """Write the whole agreement as text for a reader who is no programmer."""
    title, kind = heading(agreement)
    blocks = [[title, kind], *(_block(section) for section in sections(agreement))]
    return "\n".join(line for block in blocks for line in (*block, ""))


def show_html(agreement: Agreement) -> str:
    """Write the same as one HTML page that needs no script, no other file and no network."""
    title, kind = map(escape, heading(agreement))
    body = "\n".join(_html(section, number) for number, section in enumerate(sections(agreement), 1))
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{kind}</p>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def _block(section: Section) -> list[str]:
    return [
        section.title.upper(),
        *(_wrapped(text) for text in section.sentences),
        *(_wrapped(f"- {text}") for text in section.points),
        *(text for line in section.lines for text in _line(line)),
        *(_wrapped(text) for text in section.after),
    ]


def _line(line: Line) -> Iterator[str]:
    done = f", {line.done}" if line.done else ""
    roles = f" For {line.roles}." if line.roles != "feed" else ""
    kept = f" {line.kept}" if line.kept else ""
    yield _wrapped(f"- {line.entity}: {line.about}{done}. From {line.sources}.{roles}{kept}")
    yield _wrapped(f"    Why: {line.why}")


def _wrapped(text: str) -> str:
    return fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _html(section: Section, number: int) -> str:
    parts = [f'<section aria-labelledby="s{number}">', f'<h2 id="s{number}">{escape(section.title)}</h2>']
    parts += [f"<p>{escape(text)}</p>" for text in section.sentences]
    if section.points:
        parts += ["<ul>", *(f"<li>{escape(text)}</li>" for text in section.points), "</ul>"]
    if section.lines:
        parts += _table(section)
    parts += [f"<p>{escape(text)}</p>" for text in section.after]
    return "\n".join([*parts, "</section>"])


def _table(section: Section) -> Sequence[str]:
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    rows = [
        f'<tr><td>{escape(line.entity)}</td><th scope="row">{escape(line.about)}</th>'
        f"<td>{escape(' '.join(filter(None, (line.done, line.kept))))}</td><td>{escape(line.sources)}</td>"
        f"<td>{escape(line.roles)}</td><td>{escape(line.why)}</td></tr>"
        for line in section.lines
    ]
    caption = f"<caption>{escape(section.title)}: each field and why</caption>"
    return ["<table>", caption, f"<thead><tr>{head}</tr></thead>", "<tbody>", *rows, "</tbody>", "</table>"]
