"""Say why two records must not be joined, however alike they weigh. Pure.

Households share names, homes and telephones, so weights alone would join twins, and fathers to sons of the same
name. What objects here holds between every two records of a person, not only between the pair that was weighed.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from uuid import UUID

Verdict = Literal["apart", "doubt"]
"""Apart: surely two people. Doubt: a human has to look."""

NEAR = 2
"""Edits between two long names that may still be one name misspelt."""
SHORT = 4
"""Names up to this length are one name misspelt only at one edit."""
GENERATION = 13
"""Years between birth dates that no typing slip explains: parent and child, not one person."""
CENTURY = 100
NAMES_DIFFER = "given names differ"
"""The objection that a third record may lift (bridges)."""
ESTIMATE, ESTIMATED_WITHIN = "01-01", 3
"""An unknown birth date is entered as 1 January of a year that seems right, give or take so many."""


@dataclass(frozen=True, slots=True)
class Traits:
    """Hold what may object about one record. Most sensitive class: identifier."""

    source: str
    given: str | None
    known_as: str | None
    middle: str | None
    family: str | None
    birth_date: str | None
    nhs_number: str | None
    sealed: bool
    pinned: UUID | None = None
    """The person that a human gave it to."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Say what becomes of a pair, and why, in words without values."""

    verdict: Verdict
    reason: str


SEALED = Conflict("apart", "a former identity is sealed")
"""Adoption and gender recognition: nothing is linked to or across such a record, whoever says so."""


def conflict(a: Traits, b: Traits, *, marked: bool = False) -> Conflict | None:
    """Find the strongest objection to a and b being one person; `marked` means their own system says they are."""
    if a.sealed or b.sealed:
        return SEALED
    if a.pinned and b.pinned and a.pinned != b.pinned:
        return Conflict("doubt", "humans gave them to two persons")
    if a.nhs_number and b.nhs_number and a.nhs_number != b.nhs_number:
        return Conflict("doubt", "two different NHS numbers")
    return None if marked else _unlike(a, b)


def _unlike(a: Traits, b: Traits) -> Conflict | None:
    """Object where names or birth dates are two; an equal NHS number turns what would be apart into a doubt."""
    same_number = a.nhs_number is not None and a.nhs_number == b.nhs_number
    names_differ = given_names_differ(a, b)
    births_differ = birth_dates_differ(a.birth_date, b.birth_date)
    if names_differ:
        what = "given names and birth dates differ" if births_differ else NAMES_DIFFER
        return Conflict("doubt" if same_number else "apart", what)
    if same_number:
        return None
    if a.given is None or b.given is None:
        nameless = (a.given or a.family) is None or (b.given or b.family) is None
        return Conflict("apart" if nameless else "doubt", "a given name is missing")
    if births_differ:
        far = years_apart(a.birth_date, b.birth_date) >= GENERATION
        return Conflict("apart" if far else "doubt", "birth dates differ")
    if a.source == b.source and a.known_as != b.known_as and not cut_short(a.given, b.given):
        return Conflict("doubt", "one system holds two records whose given names are only alike")
    return None


def given_names_differ(a: Traits, b: Traits) -> bool:
    """Tell whether the given names are two names, rather than one short, misspelt, cut or out of its place."""
    if a.given is None or b.given is None or a.given == b.given or a.known_as == b.known_as:
        return False
    if cut_short(a.given, b.given) or changed_about(a, b) or changed_about(b, a):
        return False
    mine, yours = {a.given, a.known_as or a.given}, {b.given, b.known_as or b.given}
    if any(_among(name, b.middle) for name in mine) or any(_among(name, a.middle) for name in yours):
        return False
    return not any(misspelt(x, y) for x in mine for y in yours)


def bridges(c: Traits, a: Traits, b: Traits) -> bool:
    """Tell whether c bears the given names of both a and b, one of them as a middle name: who is called Joan in one
    place and Beryl in another is Joan Beryl in a third.
    """
    if c.given is None or c.middle is None or a.given is None or b.given is None:
        return False
    names = {c.given, c.known_as, *c.middle.split(" ")}
    return not names.isdisjoint((a.given, a.known_as)) and not names.isdisjoint((b.given, b.known_as))


def cut_short(one: str, other: str) -> bool:
    """Tell whether one name is the beginning of the other: an initial, or a short form."""
    return one.startswith(other) or other.startswith(one)


def changed_about(a: Traits, b: Traits) -> bool:
    """Tell whether a's given name is b's family name, and the other two are one name at least misspelt."""
    if a.given is None or a.given != b.family or b.given is None or a.family is None:
        return False
    return b.given == a.family or misspelt(b.given, a.family)


def misspelt(one: str, other: str) -> bool:
    """Tell whether two names may be one name misspelt."""
    return edits(one, other) <= (NEAR if min(len(one), len(other)) > SHORT else 1)


def birth_dates_differ(a: str | None, b: str | None) -> bool:
    """Tell whether two ISO days are two days, rather than one mistyped.

    One: a digit or two neighbours wrong, day and month changed about, two of year, month and day equal, the century
    wrong, or one of them an estimate, which systems write as 1 January.
    """
    if a is None or b is None or a == b:
        return False
    year, month, day = a.split("-")
    if edits(a, b) <= 1 or b == f"{year}-{day}-{month}" or (a[2:] == b[2:] and years_apart(a, b) == CENTURY):
        return False
    if ESTIMATE in (a[5:], b[5:]):
        return years_apart(a, b) > ESTIMATED_WITHIN
    equal = sum(x == y for x, y in zip((year, month, day), b.split("-"), strict=True))
    return equal < 2 or years_apart(a, b) >= GENERATION  # noqa: PLR2004  two of three parts


def years_apart(a: str | None, b: str | None) -> int:
    """Count the years between two ISO days; none if either is not known."""
    return abs(int(a[:4]) - int(b[:4])) if a and b else 0


def _among(name: str, middle: str | None) -> bool:
    return middle is not None and len(name) > 1 and name in middle.split(" ")


@lru_cache(maxsize=200_000)
def edits(a: str, b: str) -> int:
    """Count insertions, deletions, changes and swaps of neighbours from a to b (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
