"""Withhold what statute forbids before any gateway is looked at: a sealed former identity.

Which of a person's names, titles or numbers belong to the former identity cannot be told from the values, so nothing
leaves by itself, and a named human is asked. Gender Recognition Act 2004 section 22; Adoption and Children Act 2002
sections 56 to 65.
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts

GUARDIAN = "Caldicott Guardian"


def bind(terms: Terms) -> PersonRule:
    """Look for a sealed identity."""
    law = "; ".join(row.law for row in terms.prohibitions if row.trigger == "sealed-identity")
    sealed = Reason("prohibited", "a former identity is sealed; a human must look first", law, GUARDIAN)
    unknown = Reason("prohibited", "whether a former identity is sealed is not known", law, GUARDIAN)

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if facts.sealed_identity is None:
            return unknown
        return sealed if facts.sealed_identity else None

    return rule


PROHIBITED = PersonClause("prohibited", "no statute forbids it: no former identity is sealed", bind)
