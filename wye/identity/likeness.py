"""Measure how alike two texts are as DuckDB does: on their bytes in UTF-8. Pure.

Used where so few pairs are weighed that to plan a statement would take longer (evaluate.py); tests hold both equal.
"""

from functools import lru_cache

BOOST_FROM, PREFIX, BOOST = 0.7, 4, 0.1
"""Winkler's: a likeness beyond this grows by so much for each of the first four bytes that agree."""
REMEMBERED = 100_000


@lru_cache(maxsize=REMEMBERED)
def jaro_winkler(a: str, b: str) -> float:
    """Give the Jaro-Winkler similarity, 0 to 1."""
    left, right = a.encode(), b.encode()
    likeness = _jaro(left, right)
    if likeness > BOOST_FROM:
        likeness += _prefix(left, right) * BOOST * (1.0 - likeness)
    return likeness


def _prefix(left: bytes, right: bytes) -> int:
    found = 0
    for x, y in zip(left[:PREFIX], right[:PREFIX], strict=False):
        if x != y:
            break
        found += 1
    return found


def _jaro(left: bytes, right: bytes) -> float:
    if not left or not right:
        return 0.0
    window = max(max(len(left), len(right)) // 2 - 1, 0)
    taken = bytearray(len(right))
    common = bytearray()
    for place, byte in enumerate(left):
        for other in range(max(place - window, 0), min(place + window + 1, len(right))):
            if not taken[other] and right[other] == byte:
                taken[other] = 1
                common.append(byte)
                break
    if not common:
        return 0.0
    order = (right[other] for other in range(len(right)) if taken[other])
    crossed = sum(x != y for x, y in zip(common, order, strict=True)) // 2
    count = len(common)
    return (count / len(left) + count / len(right) + (count - crossed) / count) / 3.0


@lru_cache(maxsize=REMEMBERED)
def damerau_levenshtein(a: str, b: str) -> int:
    """Count insertions, deletions, changes and swaps of neighbours, however often a place is edited (Lowrance and Wagner)."""
    left, right = a.encode(), b.encode()
    width = len(right) + 2
    most = len(left) + len(right)
    last_row: dict[int, int] = {}
    rows = [[most] * width, [most, *range(len(right) + 1)]]
    for i, x in enumerate(left, 1):
        row = [most, i]
        last_place = 0
        for j, y in enumerate(right, 1):
            from_row, from_place = last_row.get(y, 0), last_place
            if x == y:
                cost, last_place = 0, j
            else:
                cost = 1
            row.append(
                min(
                    rows[i][j] + cost,
                    row[j] + 1,
                    rows[i][j + 1] + 1,
                    rows[from_row][from_place] + (i - from_row - 1) + 1 + (j - from_place - 1),
                )
            )
        rows.append(row)
        last_row[x] = i
    return int(rows[-1][-1])
