"""Ask an agreement that permits breaking the glass to show it: whom it lets look, and that nobody looks without."""

from collections.abc import Iterator

from wye.agreements.cases import Case, Cases
from wye.agreements.loading import Place
from wye.agreements.model import Agreement
from wye.vocabulary import Outcome, Role

CLAUSE = "relationship"
"""The one clause that a broken glass lifts."""


def check_glass_shown(agreement: Agreement, cases: Cases) -> Iterator[tuple[Place, str]]:
    """Ask for a case that releases by a broken glass, and the same without it, which `relationship` withholds.

    Signatories see then what they permit. Where it is not permitted, no case may release by it.
    """
    released = [case for case in cases.cases if _by_glass(agreement, case) and case.expect.released]
    if not agreement.break_glass.permitted:
        if released:
            yield ("cases",), f"`{released[0].name}`: releases by a broken glass, which `break_glass` does not permit"
        return
    if not released:
        yield (
            ("cases",),
            "no case shows whom `break_glass` lets look: with `break_glass: true`, a role, no relationship, and a release",
        )
    elif not any(_same_without(case, other) for case in released for other in cases.cases):
        yield (
            ("cases",),
            f"no case shows `{released[0].name}` without its `break_glass: true`, withheld by `{CLAUSE}`",
        )


def _by_glass(agreement: Agreement, case: Case) -> bool:
    """Say whether nothing but a broken glass lets this case's asker look."""
    entitling = agreement.relationship.any_of if agreement.relationship is not None else ()
    change = case.change
    return (
        change.break_glass
        and change.role not in {None, Role.FEED.value}
        and change.relationship not in {each.value for each in entitling}
        and case.expect.outcome is Outcome.RELEASE
    )


def _same_without(case: Case, other: Case) -> bool:
    """Say whether another case differs in the glass alone, and is withheld for want of a relationship."""
    return (
        other.change == case.change.model_copy(update={"break_glass": False})
        and other.expect.outcome is Outcome.WITHHOLD
        and not other.expect.withheld
        and other.shows == (CLAUSE,)
    )
