"""Withhold without the consent that the agreement requires, and after a refusal that it honours.

Common-law consent and UK GDPR consent are kept apart: an answer of one kind never counts for the other.
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.vocabulary import ConsentUse


def bind(terms: Terms) -> PersonRule | None:
    """Look for the answer of the agreement's kind and scope."""
    consent = terms.agreement.consent
    if consent.use is ConsentUse.NOT_USED:
        return None
    kind, scope, required = consent.kind, consent.scope, consent.use is ConsentUse.REQUIRED
    basis = f"{kind} consent, {consent.use}"
    unknown = Reason("consent", "what the person agreed to is not known", basis)
    lacking = Reason("consent", "no consent is recorded", basis)

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if facts.consents is None:
            return unknown
        given = False
        for held in facts.consents:
            if held.kind == kind and held.scope == scope:
                if not held.given:
                    return Reason("consent", "the person refused or withdrew consent", basis, record=held.record)
                given = True
        return lacking if required and not given else None

    return rule


CONSENT = PersonClause("consent", "the consent that is required is there; no refusal stands against it", bind)
