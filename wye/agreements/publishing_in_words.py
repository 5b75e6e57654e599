"""Say in plain English what open data publishes: by what people are counted, in which tables, and what is hidden."""

from collections.abc import Iterator

from wye.agreements.aggregates import Aggregates
from wye.agreements.model import Agreement
from wye.agreements.section import Line, Section

AND_OTHERS = "So are other numbers, until nobody can work a hidden one out from what is told."
NOT_COUNTED = (
    "People whose record is restricted, who have a safe address or a sealed former identity, about whom a protection waits to "
    "be read, or who objected, where that is heeded, are in no number at all."
)


def published(agreement: Agreement, said: Aggregates, lines: tuple[Line, ...], readers: str) -> Iterator[Section]:
    """Give the sections on dimensions and tables."""
    yield Section(
        "By what people are counted", ("Nothing about any one person is published: only how many.",), lines=lines
    )
    yield Section(
        "Which tables are published",
        (
            f"For: {readers}. Each with its totals, {agreement.frequency}, once a period, under this licence: {said.licence}.",
        ),
        points=tuple(
            f"{each.id}: by {' and '.join(map(_named, each.by))}. {each.justification}" for each in said.tables
        ),
        after=(
            f"Fewer than {said.minimum} people, none included, are hidden. {AND_OTHERS} What is told is rounded to {said.round_to}.",
            NOT_COUNTED,
        ),
    )


def _named(dimension: str) -> str:
    return dimension.replace("_", " ").replace(".", ", ")
