"""Withhold from a person who looks without training in date, where the agreement asks for it (UK GDPR Articles 32(4) and 39(1)(b)).

A feed looks at nobody, so it is never asked. A broken glass lifts a missing relationship and not this: in an emergency too
somebody looks who knows how. Who was never trained, as far as the settings tell, is not in date, and a day to come is none.
"""

from wye.agreements.days import later
from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.vocabulary import Role


def bind(terms: Terms) -> PersonRule | None:
    """Compare the day of the last training of whoever looks with today."""
    named = terms.agreement.relationship
    if named is None or named.trained_within is None:
        return None
    within = named.trained_within
    stale = Reason("training", f"whoever looks was trained in information governance within {within}", "the agreement")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if request.role == Role.FEED:
            return None
        trained = request.trained_on
        in_date = trained is not None and trained <= moment.day <= later(trained, within)
        return None if in_date else stale

    return rule


TRAINING = PersonClause("training", "whoever looks was trained within the period that the agreement names", bind)
