"""Write the public register as one page for residents: every agreement in force, why, what, whose, and how many a month."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from wye.agreements.showing import STYLE
from wye.small_numbers import LEAST, STEP, in_words

Entry = Mapping[str, Any]
"""An entry as register.entry makes it."""


def page(entries: Sequence[Entry], council: str, day: str) -> str:
    """Write the page; it stands alone, needs no script, and each agreement's whole text is a page beside it."""
    title = escape(f"Whom {council} shares information with")
    told = "".join(_section(entry) for entry in entries) or "<p>No sharing agreement is in force.</p>"
    listed = "".join(f'<li><a href="#{escape(entry["id"])}">{escape(entry["title"])}</a></li>' for entry in entries)
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f"<p>Every sharing agreement in force on {escape(day)} that is listed here is the text that the computers follow: "
        "what it does not name is not shared.</p>\n"
        f'<nav aria-label="Agreements"><ul>{listed}</ul></nav>\n{told}\n'
        f"<p>Numbers of people under {LEAST} are not told, and others are rounded to {STEP}, so that nobody can be made "
        "out from them.</p>\n</main>\n</body>\n</html>\n"
    )


def _section(entry: Entry) -> str:
    name = escape(entry["id"])
    parties = "".join(
        f"<li>{escape(party['name'])}: {escape('; '.join(party['lawful_basis']))}</li>" for party in entry["parties"]
    )
    law = f"<p>Power or duty: {escape(entry['gateway']['law'])}.</p>" if entry["gateway"] else ""
    rights = "".join(f"<p>{escape(sentence)}</p>" for sentence in entry["rights"])
    banned = "".join(f"<li>{escape(use)}</li>" for use in entry["purpose"]["prohibited"])
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(entry["title"])}</h2>'
        f"<p>{escape(entry['summary'])}</p><h3>Why</h3><p>{escape(entry['purpose']['description'])}</p>"
        f"<p>It must not be used for:</p><ul>{banned}</ul><h3>Who, and by which law</h3>{law}<ul>{parties}</ul>"
        f"<h3>About whom</h3><p>{escape(entry['about_whom'])}</p><h3>What you can do</h3>{rights}"
        f"{_by_month(entry)}"
        f"<p>From {escape(str(entry['from']))} to {escape(str(entry['to']))}. "
        f'<a href="{escape(entry["page"])}">The whole agreement, each field and why</a>.</p></section>'
    )


def _by_month(entry: Entry) -> str:
    """Write how many by month: people, or of open data the releases."""
    if entry["releases_a_month"] is None:
        title, what, caption = "How many people", "People", "People about whom something was sent, by month"
        rows = [(each["month"], in_words(each["people"])) for each in entry["people_a_month"]]
    else:
        title, what, caption = "How many releases", "Releases", "Releases, by month; nothing was sent about anybody"
        rows = [(each["month"], str(each["releases"])) for each in entry["releases_a_month"]]
    if not rows:
        return f"<h3>{title}</h3><p>No whole month has passed since it began.</p>"
    body = "".join(f'<tr><th scope="row">{escape(month)}</th><td>{escape(told)}</td></tr>' for month, told in rows)
    return (
        f"<h3>{title}</h3><table><caption>{caption}</caption>"
        f'<thead><tr><th scope="col">Month</th><th scope="col">{what}</th></tr></thead><tbody>{body}</tbody></table>'
    )
