"""Hold what one check found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Level(StrEnum):
    """Name how a thing is, the worst last."""

    OK = "ok"
    WARN = "warn"
    RED = "red"
    DOWN = "down"
    """It could not be looked at: a service, a file or a right is missing."""


ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class Finding:
    """Say how one thing is, in a sentence that says what to do unless all is well."""

    name: str
    level: Level
    said: str


Check = Callable[[], Iterable[Finding]]
"""One or more findings; what it raises is said in our words."""


def worst(findings: Iterable[Finding]) -> Level:
    """Give the worst level of all; ok of none."""
    return max((each.level for each in findings), key=ORDER.index, default=Level.OK)


def by_age(age: timedelta | None, warn: timedelta, red: timedelta) -> Level:
    """Judge an age: ok if there is nothing that has one."""
    if age is None or age <= warn:
        return Level.OK
    return Level.WARN if age <= red else Level.RED


def long(age: timedelta) -> str:
    """Say an age roughly: minutes, hours, then days."""
    minutes = max(int(age.total_seconds() // 60), 0)
    if minutes < 120:  # noqa: PLR2004  two hours
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
