"""Withhold outside the agreement's own dates and its gateway's. Signatures and events are wye.agreements' part."""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms) -> PersonRule:
    """Compare the day with the dates; `expires` is inclusive."""
    agreement, gateway = terms.agreement, terms.gateway
    first, last = agreement.effective, agreement.expires
    if agreement.confidentiality.expires is not None:
        last = min(last, agreement.confidentiality.expires)
    early = Reason("in-force", f"the agreement is in force only from {first}", "the agreement's dates")
    late = Reason("in-force", f"the agreement expired after {last}", "the agreement's dates")
    shut = Reason("in-force", "the statutory gateway is not in force", gateway.name if gateway else "")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if moment.day < first:
            return early
        if moment.day > last:
            return late
        return shut if gateway is not None and not gateway.open_on(moment.day) else None

    return rule


IN_FORCE = PersonClause("in-force", "the agreement and its gateway are in force on the day", bind)
