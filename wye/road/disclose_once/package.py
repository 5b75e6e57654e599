"""Say what is handed over, for the body that asked: as text to be read out, as a page, or as data. Pure.

Most sensitive class: whatever the canonical model holds. Each fact carries its system and day, so that the recipient can
judge how sure and how old it is (Data Protection Act 2018 section 38(4)).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby
from uuid import UUID

import orjson

from wye.agreements.days import day_of
from wye.road.disclose_once.request import Request
from wye.sharing.one_off import Fact

CONDITIONS = (
    "Use this for the need above and for nothing else.",
    "Do not pass it on, and do not show it to the people it is about, without asking us first.",
    "Tell us at once if you find that something in it is wrong. If we find it, we tell you.",
    "It is what our systems held on that day; nobody checked it anew. Destroy it when the need has ended.",
)
STYLE = (
    "body{font-family:Arial,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem;line-height:1.5}"
    "td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}"
)


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what is told of one person, by their place in the request."""

    place: int
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """Hold one disclosure as it is handed over."""

    id: UUID
    request: Request
    council: str
    decided_by: str
    decided_at: datetime
    told: tuple[Told, ...]


def heading(package: Package) -> Iterator[tuple[str, str]]:
    """Give what stands above the facts, a label and its text at a time."""
    yield "Reference", str(package.id)
    yield "From", package.council
    yield "To", package.request.recipient
    yield "Asked by", package.request.asked_by
    yield "Need", package.request.need
    yield "Power", package.request.power.name
    yield "Decided", f"by {package.decided_by}, {day_of(package.decided_at):%d %B %Y}"


def text(package: Package) -> str:
    """Write it as plain text, to be read out or printed."""
    lines = ["DISCLOSED IN CONFIDENCE", *(f"{label}: {what}" for label, what in heading(package))]
    for one in package.told:
        lines += ["", f"Person {one.place}"]
        for (entity, _), facts in groupby(one.facts, key=lambda fact: (fact.entity, fact.row)):
            lines.append(f"  {entity.replace('_', ' ')}")
            lines += [f"    {each.field.replace('_', ' ')}: {_value(each)} ({_origin(each)})" for each in facts]
    return "\n".join([*lines, "", *CONDITIONS])


def page(package: Package) -> str:
    """Write it as one page that stands alone, every word escaped."""
    top = "".join(f"<tr><th>{escape(label)}</th><td>{escape(what)}</td></tr>" for label, what in heading(package))
    people = "".join(
        f"<h2>Person {one.place}</h2><table>"
        + "".join(
            f"<tr><th>{escape(each.name.replace('_', ' '))}</th><td>{escape(_value(each))}</td>"
            f"<td>{escape(_origin(each))}</td></tr>"
            for each in one.facts
        )
        + "</table>"
        for one in package.told
    )
    conditions = "".join(f"<p>{escape(each)}</p>" for each in CONDITIONS)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Disclosed in confidence</title>'
        f"<style>{STYLE}</style></head><body><main><h1>Disclosed in confidence</h1><table>{top}</table>{people}"
        f"{conditions}</main></body></html>\n"
    )


def data(package: Package) -> dict[str, object]:
    """Give it as plain data, for JSON."""
    return {
        "reference": str(package.id),
        "heading": dict(heading(package)),
        "persons": [
            {
                "person": one.place,
                "facts": [
                    {
                        "field": each.name, "row": each.row, "value": each.value, "source": each.source,
                        "observed_on": day_of(each.observed_at).isoformat(),
                    }
                    for each in one.facts
                ],
            }
            for one in package.told
        ],
        "conditions": list(CONDITIONS),
    }  # fmt: skip


def written(package: Package, suffix: str) -> bytes:
    """Write it for a file, by the end of its name: .html, .json, or else plain text."""
    if suffix == ".html":
        return page(package).encode()
    if suffix == ".json":
        return orjson.dumps(data(package), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    return f"{text(package)}\n".encode()


def _value(fact: Fact) -> str:
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    return str(fact.value)


def _origin(fact: Fact) -> str:
    return f"{fact.source}, {day_of(fact.observed_at).isoformat()}"
