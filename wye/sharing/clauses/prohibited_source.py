"""Withhold values from a source that statute bars, such as benefits information without its prescribed purpose.

Social Security Administration Act 1992 section 123, Welfare Reform Act 2012 sections 131 and 132; Representation of
the People (England and Wales) Regulations 2001 regulation 107. Silent: that such a system holds somebody is itself
what must not be disclosed.
"""

from functools import cache

from wye.agreements.model import Item
from wye.sharing.clauses.clause import Terms, Value, ValueClause, ValueRule
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms, item: Item) -> ValueRule:  # noqa: ARG001  the same for every item
    """Look the source up among those barred under this agreement."""
    agreement = terms.agreement
    barred = {
        source: Reason("prohibited-source", f"what `{source}` holds may not be disclosed: {row.bans}", row.law)
        for row in terms.prohibitions
        if row.trigger == "source"
        for source in row.sources
        if row.unless_gateway is None or row.unless_gateway != agreement.gateway or agreement.purpose.prescribed is None
    }
    return _barring(tuple(barred.items()))


@cache
def _barring(pairs: tuple[tuple[str, Reason], ...]) -> ValueRule:
    barred = dict(pairs)

    def rule(value: Value, request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape
        return barred.get(value.source)

    return rule


PROHIBITED_SOURCE = ValueClause("prohibited-source", "no statute bars the source", bind, silent=True)
