"""Withhold when the person objected and the agreement heeds it.

The gateway's own exception (Health and Social Care Act 2012 section 251B: the duty falls away when the person objects),
Article 21 of the UK GDPR, or our own stricter choice; which one, the reason says. Not known to have been asked withholds.
Under every agreement it withholds of whose objection a human upheld there: there were no compelling legitimate grounds to go on
(`wye consent uphold`). That stands whatever points of Article 6(1) its later versions stand on, until the objection is withdrawn;
what is not known withholds where objections are heeded or Article 21 reaches the agreement (points 6(1)(e) and (f)).
"""

from wye.agreements.words import REACHED
from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.vocabulary import ObjectionUse


def bind(terms: Terms) -> PersonRule:
    """Look for an objection in the agreement's scope, or for one that was upheld under the agreement."""
    agreement, objections = terms.agreement.id, terms.agreement.consent.objections
    heeds = objections.use is not ObjectionUse.NOT_USED
    reached = any(each.point in REACHED for party in terms.agreement.parties for each in party.lawful_basis.article6)
    asks = heeds or reached
    scope = objections.scope
    gateway = terms.gateway.name if terms.gateway is not None else "the agreement"
    basis = {
        ObjectionUse.GATEWAY_EXCEPTION: f"exception of the {gateway}",
        ObjectionUse.ARTICLE_21: "UK GDPR Article 21",
        ObjectionUse.OUR_CHOICE: "our own choice, stricter than the law",
        ObjectionUse.NOT_USED: "UK GDPR Article 21",
    }[objections.use]
    unknown = Reason("objection", "whether the person objected is not known", basis)

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if facts.objections is None:
            return unknown if asks else None
        for held in facts.objections:
            if heeds and held.scope == scope and held.given:
                return Reason("objection", "the person objected", basis, record=held.record)
            if agreement in held.upheld and held.given:
                return Reason(
                    "objection", "the person objected, and it was upheld", "UK GDPR Article 21(1)", record=held.record
                )
        return None

    return rule


OBJECTION = PersonClause(
    "objection", "the person has not objected, where objections are heeded, and no objection was upheld", bind
)
