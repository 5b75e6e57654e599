"""Withhold what a partner sent, unless the agreement that brought it lets this recipient have it.

Its onward terms intersect with ours. An agreement whose terms are not known permits nothing.
"""

from functools import cache

from wye.agreements.model import Item
from wye.sharing.clauses.clause import Terms, Value, ValueClause, ValueRule
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms, item: Item) -> ValueRule:  # noqa: ARG001  the same for every item
    """Look the recipient up in the onward terms of the value's agreement."""
    return _passed_to(terms.agreement.recipient)


@cache
def _passed_to(recipient: str) -> ValueRule:
    none: frozenset[str] = frozenset()

    def rule(value: Value, request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape
        if value.agreement is None:
            return None
        if facts.onward is not None and recipient in facts.onward.get(value.agreement, none):
            return None
        return Reason(
            "onward", "the partner who sent it does not let it be passed on", f"onward terms of `{value.agreement}`"
        )

    return rule


ONWARD = ValueClause("onward", "a value that a partner sent may be passed on to this recipient", bind)
