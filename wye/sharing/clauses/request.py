"""Withhold when the question is not the one that the agreement answers.

A release is decided under exactly one agreement, to its recipient, for its purpose (UK GDPR Article 5(1)(b)).
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms) -> PersonRule:
    """Compare the request with the agreement."""
    agreement = terms.agreement
    wanted = (agreement.id, agreement.recipient, agreement.purpose.code.value)
    other = Reason(
        "request", "asked under another agreement, for another recipient or purpose", "UK GDPR Article 5(1)(b)"
    )

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        return None if (request.agreement, request.recipient, request.purpose) == wanted else other

    return rule


REQUEST = PersonClause("request", "the request names this agreement, its recipient and its purpose", bind)
