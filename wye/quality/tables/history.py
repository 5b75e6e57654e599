"""Read shares from earlier looks."""

from collections.abc import Mapping, Sequence

from wye.quality.tables.rule import ROWS


def share_before(history: Sequence[Mapping[str, float]], figure: str, at_least: int) -> float | None:
    """Find the share of a figure among all rows of earlier looks that counted it; none if they were too few rows."""
    counted = [figures for figures in history if figure in figures]
    rows = sum(figures.get(ROWS, 0) for figures in counted)
    return sum(figures[figure] for figures in counted) / rows if rows >= at_least else None
