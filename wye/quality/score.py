"""Say how good data is: of the rows that a source holds, how many fail no rule of a dimension. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from wye.vocabulary import Dimension, Severity


class Measured(NamedTuple):
    """Name one thing that is measured of a stream."""

    source: str
    stream: str
    rule: str
    column: str
    dimension: Dimension
    severity: Severity


class RuleScore(NamedTuple):
    """Hold one rule's score on a day."""

    source: str
    stream: str
    rule: str
    column: str
    dimension: str
    severity: str
    rows: int
    failed: int


class DayScore(NamedTuple):
    """Hold one dimension's score of a source on a day."""

    source: str
    dimension: str
    day: date
    rows: int
    failed: int

    @property
    def good(self) -> float:
        """Give the share of rows that fail no rule of the dimension, from 0 to 1."""
        return 1 - self.failed / self.rows


@dataclass(frozen=True, slots=True)
class Card:
    """Hold what is shown of one source and dimension: its days, oldest first, and the rules that most rows fail today."""

    source: str
    dimension: str
    owner: str
    days: tuple[DayScore, ...]
    worst: tuple[RuleScore, ...]

    @property
    def today(self) -> DayScore:
        """Give the newest score."""
        return self.days[-1]

    @property
    def change(self) -> float | None:
        """Give how much the share good moved since the score before; none for the first."""
        return self.today.good - self.days[-2].good if len(self.days) > 1 else None


class Interval(NamedTuple):
    """Hold a share with its 95% confidence interval."""

    share: float
    low: float
    high: float


Z_95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


def wilson(right: int, checked: int) -> Interval | None:
    """Give the share of right values with Wilson's score interval (1927), which holds for few checks and shares near 1.

    None if nothing was checked.
    """
    if checked == 0:
        return None
    share, weight = right / checked, Z_95**2 / checked
    middle = (share + weight / 2) / (1 + weight)
    half = Z_95 * math.sqrt(share * (1 - share) / checked + weight / (4 * checked)) / (1 + weight)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def cards(days: Sequence[DayScore], rules: Sequence[RuleScore], owners: dict[str, str], worst: int = 3) -> list[Card]:
    """Put days and today's rules together, by source and dimension."""
    by_card: dict[tuple[str, str], list[DayScore]] = {}
    for one in sorted(days, key=lambda each: each.day):
        by_card.setdefault((one.source, one.dimension), []).append(one)
    failing: dict[tuple[str, str], list[RuleScore]] = {}
    for rule in sorted(rules, key=lambda each: (-each.failed, each.stream, each.rule, each.column)):
        if rule.failed:
            failing.setdefault((rule.source, rule.dimension), []).append(rule)
    return [
        Card(
            source, dimension, owners.get(source, ""), tuple(found), tuple(failing.get((source, dimension), ())[:worst])
        )
        for (source, dimension), found in sorted(by_card.items())
    ]
