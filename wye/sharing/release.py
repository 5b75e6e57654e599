"""Write what open data publishes: each table with its totals, small numbers hidden, as rows for CSV and JSON. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wye.agreements.aggregates import Aggregates, Table
from wye.sharing.cells import RESIDUAL, Cell, Counted, Hidden, Person
from wye.sharing.decision import Decision
from wye.sharing.facts import Facts
from wye.sharing.suppression import counted, hidden
from wye.vocabulary import Action, Outcome

ALL = "(all)"
"""What stands for a dimension that is summed over."""
TOLD = {Hidden.SMALL: "fewer than the minimum", Hidden.BESIDE: "hidden so that a smaller number cannot be worked out"}


@dataclass(frozen=True, slots=True)
class Row:
    """Be one number of a table: the categories in the order of the table's dimensions, and people or why they are hidden."""

    categories: tuple[str, ...]
    people: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Release:
    """Hold the tables of one release, by id; and totals for the record, which are not published."""

    tables: Mapping[str, tuple[Row, ...]]
    told: int
    hidden_small: int
    hidden_beside: int


def categories_of(decision: Decision, facts: Facts, dimensions: Sequence[str]) -> Person | None:
    """Give the one category of each dimension to which somebody belongs; None for whoever is counted nowhere.

    Of whom nothing is known, or more than one thing, is in the residual category: each person is counted once.

    Nobody is counted who is protected, whether or not a table would show where they are: a safe address that is held, or
    that is not known not to be, leaves the person out of every number, and so does a restriction against anybody.
    """
    guarded = any(one.clause == "safe-address" and one.action is Action.WITHHOLD for one in decision.fields)
    free = facts.safe_address is False and facts.restricted_against == frozenset()
    if decision.outcome is not Outcome.RELEASE or guarded or not free:
        return None
    found: dict[str, str] = {}
    for name in dimensions:
        entity, _, field = name.partition(".")
        values = {_text(row[field]) for row in decision.entities.get(entity, ()) if row.get(field) is not None}
        found[name] = values.pop() if len(values) == 1 else RESIDUAL
    return found


def release(people: Sequence[Person], said: Aggregates) -> Release:
    """Make the tables that an agreement names, of everybody who is counted."""
    exact = counted(people, [table.by for table in said.tables], said.minimum)
    unseen = hidden(exact, said.minimum)
    return Release(
        {table.id: tuple(_rows(table, exact, unseen, said.round_to)) for table in said.tables},
        len(exact.cells) - len(unseen),
        sum(why is Hidden.SMALL for why in unseen.values()),
        sum(why is Hidden.BESIDE for why in unseen.values()),
    )


def _rows(table: Table, exact: Counted, unseen: Mapping[Cell, Hidden], round_to: int) -> Iterator[Row]:
    dimensions = set(table.by)
    for cell in sorted(exact.cells, key=lambda each: (-len(each), sorted(each))):
        named = dict(cell)
        if named.keys() <= dimensions:
            why = unseen.get(cell)
            told = round_to * round(exact.cells[cell] / round_to) if why is None else None
            yield Row(tuple(named.get(name, ALL) for name in table.by), told, "" if why is None else TOLD[why])


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
