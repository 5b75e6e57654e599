"""Hide small numbers in tables of people, and then as many others as it takes until nobody can work a hidden one out. Pure.

THE GUARANTEE. Take somebody who knows every number that is told, exactly and not rounded; that the totals are the sums of
their parts; and of each hidden number whether it is a small one or one hidden for a small one's sake. For each small number
every value from 0 to one under the minimum still fits with all of that. Numbers that are told are rounded besides.

ITS LIMITS. It holds for one release. Of somebody who knows other things - that a person is among those counted, that nobody
of an age lives in a place, numbers published elsewhere about the same people - it promises less; nor does it say anything of
somebody who also knows the exact numbers behind the rounded ones and reasons about why just these others were hidden. Two
releases of different days may differ where one person came or went: rounding blurs that, and does no more.

Source: the problem and its names (primary and secondary suppression, the audit by optimisation) are those of the handbook on
statistical disclosure control of Hundepool and others; the minimum and the rounding are ours (wye.small_numbers).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from wye.errors import UsageError
from wye.sharing.cells import RESIDUAL, Cell, Counted, Hidden, Person, Sum

TOO_FEW = "too few people are counted to publish these tables without giving a small number away: count by less, or more coarsely"


def counted(people: Sequence[Person], tables: Iterable[Sequence[str]], minimum: int) -> Counted:
    """Count people for every cell of the tables, totals included.

    A category of fewer people than the minimum is put into the residual one: that it stands in a list would itself tell that
    somebody is in it.
    """
    tables = [tuple(table) for table in tables]
    names = sorted({name for table in tables for name in table})
    kept = {name: _categories(people, name, minimum) for name in names}
    known = [{name: each[name] if each[name] in kept[name] else RESIDUAL for name in names} for each in people]
    cells: dict[Cell, int] = {}
    sums: dict[Sum, None] = {}
    for table in tables:
        for size in range(len(table) + 1):
            for part in combinations(table, size):
                found = Counter(frozenset((name, each[name]) for name in part) for each in known)
                for cell in _all_cells(part, kept):
                    cells[cell] = found[cell]
                for name in part:
                    rest = [each for each in part if each != name]
                    for total in _all_cells(rest, kept):
                        sums[Sum(total, tuple(total | {(name, value)} for value in kept[name]))] = None
    return Counted(cells, tuple(sums))


def _categories(people: Sequence[Person], name: str, minimum: int) -> list[str]:
    found = Counter(each[name] for each in people)
    return [*sorted(value for value, count in found.items() if count >= minimum and value != RESIDUAL), RESIDUAL]


def _all_cells(names: Sequence[str], kept: Mapping[str, Sequence[str]]) -> Iterator[Cell]:
    for values in product(*(kept[name] for name in names)):
        yield frozenset(zip(names, values, strict=True))


def hidden(counted: Counted, minimum: int) -> dict[Cell, Hidden]:
    """Say which cells are hidden, and why: the small ones, and others until no small one can be worked out.

    Raises UsageError where so few are counted that even hiding everything would tell: that a category is named at all says
    that it is not small.
    """
    from wye.sharing.possible import Possible

    found = {cell: Hidden.SMALL for cell, count in counted.cells.items() if count < minimum}
    small = sorted(found, key=sorted)
    while (exposed := Possible(counted, found, minimum).first_exposed(small)) is not None:
        found[_next(exposed, counted.sums, found)] = Hidden.BESIDE
    # Take back what need not have been hidden, totals first, for they say most.
    beside = (cell for cell, why in found.items() if why is Hidden.BESIDE)
    for cell in sorted(beside, key=lambda each: (len(each), _residual(each), sorted(each))):
        fewer = {each: why for each, why in found.items() if each != cell}
        if Possible(counted, fewer, minimum).first_exposed(small) is None:
            found = fewer
    return found


def _next(exposed: Cell, sums: Sequence[Sum], found: Mapping[Cell, Hidden]) -> Cell:
    """Choose what is hidden next: near the exposed cell, first in a sum of which just one cell is hidden."""
    lone = [each for each in sums if sum(cell in found for cell in each.cells) == 1]
    open_ = [each for each in sums if any(cell not in found for cell in each.cells)]
    if not open_:
        raise UsageError(TOO_FEW)
    rings = list(_rings(exposed, sums, found))
    near = next(
        (hit for some in (lone, open_) for ring in rings if (hit := [each for each in some if ring & {*each.cells}])),
        open_,
    )
    return _chosen(near, lone, found)


def _rings(exposed: Cell, sums: Sequence[Sum], found: Mapping[Cell, Hidden]) -> Iterator[set[Cell]]:
    """Give the hidden cells around one, nearest first: those that stand in a sum with it, those with these, and so on."""
    ring = seen = {exposed}
    while ring:
        yield ring
        ring = {cell for each in sums if ring & {*each.cells} for cell in each.cells if cell in found} - seen
        seen = seen | ring


def _chosen(among: Sequence[Sum], lone: Sequence[Sum], found: Mapping[Cell, Hidden]) -> Cell:
    """Choose by place and never by count, so that the choice itself tells little of the counts.

    The inside of a table comes before its totals, then what mends most sums, then the categories that say least.
    """
    mends = Counter(cell for each in lone for cell in each.cells)
    candidates = {cell for each in among for cell in each.cells if cell not in found}
    return min(candidates, key=lambda cell: (-len(cell), -mends[cell], -_residual(cell), sorted(cell)))


def _residual(cell: Cell) -> int:
    return sum(value == RESIDUAL for _, value in cell)
