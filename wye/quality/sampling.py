"""Choose which released values people compare with what is true: reproducible, and enough to mean something. Pure."""

import math
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import NamedTuple
from uuid import UUID

from wye.quality.score import Z_95

MARGIN = 0.05
"""How near a month's samples of one agreement come to the true share right, at 95% confidence."""
NIGHTS = 30


class Released(NamedTuple):
    """Name one released value: which field of which row of which source. Never the value."""

    entity: str
    field: str
    source: str
    record: UUID


def sample_size(people: int) -> int:
    """Say how many to draw a night from `people` whom a recipient holds, so that a month's draws meet MARGIN.

    Cochran (1977), chapter 4: n0 = z^2 p (1 - p) / e^2 at p = 1/2, with the correction for a small population.
    """
    if people <= 0:
        return 0
    unbounded = Z_95**2 * 0.25 / MARGIN**2
    month = unbounded / (1 + (unbounded - 1) / people)
    return min(people, math.ceil(month / NIGHTS))


def chance(agreement: str, day: date) -> Random:
    """Give the source of chance of one agreement's draw on one day: whoever repeats the draw gets the same people."""
    return Random(f"{day.isoformat()}|{agreement}")  # noqa: S311  to be repeated, not to be unguessable


def draw_people(people: Sequence[UUID], rng: Random) -> list[UUID]:
    """Draw people, each with the same chance, whatever order they come in."""
    return rng.sample(sorted(people), sample_size(len(people)))


def draw_value(values: Sequence[Released], rng: Random) -> Released | None:
    """Draw one of the values released about a person; none if nothing is released any more."""
    return rng.choice(sorted(set(values))) if values else None
