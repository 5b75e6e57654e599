"""Withhold from a person who looks without a relationship that the agreement names: Caldicott principle 4, need to know.

Under an agreement that names none, nobody looks. A feed looks at nobody: the recipient's system receives, and answers for its
own access control. Where the agreement permits it, whoever broke the glass looks without, for as long as their window is open:
this rule is the only one that it lifts.
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.vocabulary import Role


def bind(terms: Terms) -> PersonRule:
    """Ask for one of the agreement's relationships unless a feed asks."""
    named = terms.agreement.relationship
    entitling = frozenset(each.value for each in named.any_of) if named is not None else frozenset()
    permitted = terms.agreement.break_glass.permitted and bool(entitling)
    words = f"one of: {', '.join(sorted(entitling))}" if entitling else "and the agreement names none that entitles"
    none = Reason("relationship", f"whoever looks needs a relationship to the person, {words}", "Caldicott principle 4")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:
        if request.role == Role.FEED or request.relationship in entitling:
            return None
        lifted = permitted and facts.break_glass is not None and moment.at < facts.break_glass
        return None if lifted else none

    return rule


RELATIONSHIP = PersonClause(
    "relationship", "whoever looks has a relationship to the person that the agreement names", bind
)
