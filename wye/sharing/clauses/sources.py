"""Withhold values from sources that the item does not name: survivorship runs among the permitted ones only.

So an address from Housing Benefit never leaves under a care agreement, even where it is the best address known.
Silent: the recipient is not told that another system holds something.
"""

from functools import cache

from wye.agreements.model import Item
from wye.sharing.clauses.clause import Terms, Value, ValueClause, ValueRule
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms, item: Item) -> ValueRule:  # noqa: ARG001  the item says it all
    """Look for the source among the item's."""
    return _among(frozenset(item.sources))


@cache
def _among(permitted: frozenset[str]) -> ValueRule:
    no = Reason("sources", "the agreement does not take this field from that source", "the agreement's data items")

    def rule(value: Value, request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape
        return None if value.source in permitted else no

    return rule


SOURCES = ValueClause("sources", "the value comes from a source that the item names", bind, silent=True)
