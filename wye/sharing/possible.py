"""Say between which values a hidden number must lie, for somebody who knows every number that is told exactly.

Whole numbers that fit a system of sums: an integer programme, solved by HiGHS as scipy brings it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from wye.errors import EnvironmentFault
from wye.sharing.cells import Cell, Counted, Hidden


class Possible:
    """Hold what is known of one release: the sums, what is told, and of each hidden number whether it is small."""

    def __init__(self, counted: Counted, hidden: Mapping[Cell, Hidden], minimum: int) -> None:
        self._minimum = minimum
        self._places = {cell: place for place, cell in enumerate(hidden)}
        size = len(self._places)
        small = np.array([why is Hidden.SMALL for why in hidden.values()], dtype=bool)
        self._bounds = Bounds(np.where(small, 0, minimum), np.where(small, minimum - 1, np.inf))
        rows: list[tuple[int, int, int]] = []
        right: list[int] = []
        for each in counted.sums:
            signed = [(each.total, -1), *((part, 1) for part in each.parts)]
            unknown = [(cell, sign) for cell, sign in signed if cell in self._places]
            if not unknown:
                continue
            rows += [(len(right), self._places[cell], sign) for cell, sign in unknown]
            right.append(-sum(sign * counted.cells[cell] for cell, sign in signed if cell not in self._places))
        row, column, value = (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [])
        matrix = csr_array((value, (row, column)), shape=(len(right), size))
        self._sums = LinearConstraint(matrix, right, right)
        self._whole = np.ones(size)

    def first_exposed(self, cells: Sequence[Cell]) -> Cell | None:
        """Give the first cell of which nought, or one under the minimum, is not possible; None if all are safe.

        One solution answers for every cell that it puts at its end, so they are sought together, and singly only where that
        moves none. Raises EnvironmentFault if the solver finds no solution: the truth is one.
        """
        for sign, end in ((1, 0), (-1, self._minimum - 1)):
            left = list(cells)
            while left:
                reached = self._at(end, left, self._solved(left, sign)) or self._at(
                    end, left, self._solved(left[:1], sign)
                )
                if not reached:
                    return left[0]
                left = [cell for cell in left if cell not in reached]
        return None

    def _at(self, end: int, cells: Sequence[Cell], values: Sequence[float]) -> set[Cell]:
        return {cell for cell in cells if round(values[self._places[cell]]) == end}

    def _solved(self, cells: Sequence[Cell], sign: int) -> Sequence[float]:
        """Make the sum of some cells as small as may be, or as great."""
        aim = np.zeros(len(self._places))
        aim[[self._places[cell] for cell in cells]] = sign
        done = milp(aim, constraints=self._sums, bounds=self._bounds, integrality=self._whole)
        if not done.success:
            raise EnvironmentFault("whether a hidden number can be worked out was not found: nothing is published")
        values: Sequence[float] = done.x.tolist()
        return values
