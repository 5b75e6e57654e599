"""No small number can be worked out from what is told: tried by brute force, against every table that would look the same."""

from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wye.errors import UsageError
from wye.sharing.cells import RESIDUAL, Cell, Counted, Hidden
from wye.sharing.suppression import counted, hidden

MINIMUM = 3
Table = Mapping[tuple[str, str], int]
"""People by two categories."""


def exact_of(table: Table, minimum: int = MINIMUM) -> Counted:
    people = [dict(zip("ab", values, strict=True)) for values, count in table.items() for _ in range(count)]
    return counted(people, ["ab"], minimum)


def agrees(cell: Cell, count: int, exact: Counted, unseen: Mapping[Cell, Hidden]) -> bool:
    """Whether a count agrees with what is published of a cell: the number itself, or that it is small, or that it is not."""
    if cell not in unseen:
        return count == exact.cells[cell]
    return count < MINIMUM if unseen[cell] is Hidden.SMALL else count >= MINIMUM


def line(row: str, columns: Sequence[str], exact: Counted, unseen: Mapping[Cell, Hidden]) -> list[tuple[int, ...]]:
    """Every way to fill one line of a table that agrees with what is published of its cells and of its total."""
    cells = [frozenset({("a", row), ("b", column)}) for column in columns]
    # A little more than the truth is enough: tables that are left out could only make more possible.
    ways = [[n for n in range(exact.cells[c] + MINIMUM + 1) if agrees(c, n, exact, unseen)] for c in cells]
    return [each for each in product(*ways) if agrees(frozenset({("a", row)}), sum(each), exact, unseen)]


def worked_out(exact: Counted, unseen: Mapping[Cell, Hidden]) -> dict[Cell, set[int]]:
    """The values under the minimum that fit with no table that would look the same, for each small number: none, if all is well.

    Written apart from what it tests: it fills tables line by line, and adds up by itself.
    """
    rows, columns = (sorted({value for cell in exact.cells for each, value in cell if each == name}) for name in "ab")
    left = {cell: set(range(MINIMUM)) for cell, why in unseen.items() if why is Hidden.SMALL}
    for table in product(*(line(row, columns, exact, unseen) for row in rows)):
        world: dict[Cell, int] = {frozenset(): sum(map(sum, table))}
        for row, filled in zip(rows, table, strict=True):
            world[frozenset({("a", row)})] = sum(filled)
            for column, n in zip(columns, filled, strict=True):
                world[frozenset({("a", row), ("b", column)})] = n
                world[frozenset({("b", column)})] = world.get(frozenset({("b", column)}), 0) + n
        if all(agrees(cell, n, exact, unseen) for cell, n in world.items()):
            for cell, values in left.items():
                values.discard(world[cell])
            if not any(left.values()):
                break
    return {cell: values for cell, values in left.items() if values}


def named(numbers: Sequence[Sequence[int]]) -> Table:
    """A table with a line for each list; the last line and column are the residual ones."""
    rows = [*(f"r{place}" for place in range(len(numbers) - 1)), RESIDUAL]
    columns = [*(f"c{place}" for place in range(len(numbers[0]) - 1)), RESIDUAL]
    return {(r, c): n for r, filled in zip(rows, numbers, strict=True) for c, n in zip(columns, filled, strict=True)}


SMALL_TABLES = st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=2, max_size=2)


@given(SMALL_TABLES)
@settings(max_examples=200, deadline=None)
def test_no_small_number_can_be_narrowed_by_all_that_is_told(numbers: list[list[int]]) -> None:
    exact = exact_of(named(numbers))
    try:
        unseen = hidden(exact, MINIMUM)
    except UsageError:
        return  # nothing is published: test_too_few_people_are_not_published_at_all

    assert worked_out(exact, unseen) == {}


@given(SMALL_TABLES)
@settings(max_examples=100, deadline=None)
def test_all_small_numbers_are_hidden_and_none_that_is_told_is_small(numbers: list[list[int]]) -> None:
    exact = exact_of(named(numbers))
    try:
        unseen = hidden(exact, MINIMUM)
    except UsageError:
        return

    small = {cell for cell, count in exact.cells.items() if count < MINIMUM}
    assert small == {cell for cell, why in unseen.items() if why is Hidden.SMALL}
    for total, *parts in (each.cells for each in exact.sums):
        assert exact.cells[total] == sum(exact.cells[part] for part in parts)


def test_attack_finds_a_number_that_is_hidden_alone() -> None:
    """The attacker is no straw man: where small numbers only are hidden, it has them at once."""
    exact = exact_of(named([[5, 1, 4], [6, 7, 8]]))
    only_small = {cell: Hidden.SMALL for cell, count in exact.cells.items() if count < MINIMUM}

    assert worked_out(exact, only_small) == {frozenset({("a", "r0"), ("b", "c1")}): {0, 2}}


def test_attack_finds_a_number_behind_another_hidden_in_its_line_only() -> None:
    exact = exact_of(named([[5, 1, 4], [6, 7, 8]]))
    unseen = {frozenset({("a", "r0"), ("b", "c1")}): Hidden.SMALL, frozenset({("a", "r0"), ("b", "c0")}): Hidden.BESIDE}

    assert worked_out(exact, unseen) == {frozenset({("a", "r0"), ("b", "c1")}): {0, 2}}


def test_category_of_few_people_is_not_named() -> None:
    people = [{"a": "many"}] * 9 + [{"a": "one alone"}] + [{"a": RESIDUAL}] * 4

    exact = counted(people, ["a"], MINIMUM)

    assert exact.cells == {frozenset(): 14, frozenset({("a", "many")}): 9, frozenset({("a", RESIDUAL)}): 5}


def test_too_few_people_are_not_published_at_all() -> None:
    with pytest.raises(UsageError, match="too few people are counted"):
        hidden(exact_of(named([[0, 1, 2], [0, 2, 0]])), MINIMUM)


def test_nobody_is_told_like_a_few() -> None:
    exact = exact_of({})

    assert exact.cells == dict.fromkeys(exact.cells, 0)
    assert set(hidden(exact, MINIMUM)) == set(exact.cells)


def test_tables_that_share_a_dimension_are_one_problem() -> None:
    """A number that only one of two tables hides could be had from the totals of the other."""
    people = [
        {"a": f"r{row}", "b": f"c{column}", "c": f"d{(row + column) % 2}"}
        for row, column in product(range(2), range(3))
        for _ in range(2 if (row, column) == (0, 0) else 20)
    ]
    exact = counted(people, [["a", "b"], ["a", "c"], ["a"]], 10)

    unseen = hidden(exact, 10)

    totals = {cell for cell in exact.cells if len(cell) == 1}
    assert len([cell for cell in exact.cells if len(cell) == 2]) > len(totals)
    assert all(why is Hidden.SMALL or exact.cells[cell] >= 10 for cell, why in unseen.items())
    assert {cell for cell in exact.cells if exact.cells[cell] < 10} <= set(unseen)


@pytest.mark.parametrize("rows", [12])
def test_table_of_a_real_size_is_done_and_tells_most_of_what_it_may(rows: int) -> None:
    numbers = [[(7 * row * column + 11 * row + 3 * column) % 61 for column in range(9)] + [0] for row in range(rows)]
    exact = exact_of(named([*numbers, [0] * 10]), 10)

    unseen = hidden(exact, 10)

    told = len(exact.cells) - len(unseen)
    large = sum(count >= 10 for count in exact.cells.values())
    assert told > large // 2
