"""Find an attribute of which nobody can say whose word is right: two different valid NHS numbers in one person.

A valid NHS number belongs to exactly one human being, so two in one person mean that one source is wrong, or that two
people were taken for one. Neither guess is safe: a wrong number puts one patient's record into another's care. So
neither becomes golden and none is released, from any source, until a human accepts one (`wye people correct`) or parts
the records. A number that its source traced stands above any that nobody traced: only numbers of the best standing are
set against each other. Fail closed; the order of candidates is untouched.
"""

from collections.abc import Sequence
from dataclasses import replace

from wye.nhs_number import valid
from wye.store.known import Candidate

ONE_FOR_EACH_PERSON = frozenset({"nhs_number"})
"""Attributes that are given to one human being each, by a register that gives no human being two."""

REASON = "contested: two sources give different valid numbers; a steward decides"
UNTRACED = "another source's number was traced, and differs"


def contested(attribute: str, ordered: Sequence[Candidate]) -> bool:
    """Say whether candidates of an attribute, best first, contest each other; what a steward accepted is not contested."""
    if attribute not in ONE_FOR_EACH_PERSON or len(ordered) < 2 or ordered[0].accepted:  # noqa: PLR2004  two to differ
        return False
    best = ordered[0].verified
    return len({number for one in ordered if one.verified is best and (number := valid(one.value))}) > 1


def doubted(attribute: str, ordered: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Mark what must not be released: all, where they are contested; numbers that differ from one that was traced."""
    if attribute not in ONE_FOR_EACH_PERSON or len(ordered) < 2:  # noqa: PLR2004  two to differ
        return ordered
    if contested(attribute, ordered):
        return tuple(replace(one, doubt=REASON) for one in ordered)
    if not ordered[0].verified:
        return ordered
    traced = valid(ordered[0].value)
    return tuple(
        one if one.doubt or one.accepted or valid(one.value) == traced else replace(one, doubt=UNTRACED)
        for one in ordered
    )
