"""Withhold from a person who looks without a relationship to the one looked at: Caldicott principle 4, need to know.

A feed looks at nobody: the recipient's system receives, and answers for its own access control.
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.vocabulary import Role


def bind(terms: Terms) -> PersonRule:  # noqa: ARG001  the same under every agreement
    """Ask for a relationship unless a feed asks."""
    none = Reason("relationship", "whoever looks needs a relationship to the person", "Caldicott principle 4")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        return None if request.role == Role.FEED or request.relationship else none

    return rule


RELATIONSHIP = PersonClause("relationship", "whoever looks has a relationship to the person", bind)
