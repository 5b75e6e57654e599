"""Withhold free text unless the item names it `as-is`, or as a flag that there is some: nobody knows what stands in it.

Whoever signs an item of free text says by its justification that whatever may stand there is meant to leave.
"""

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.model import Item
from wye.sharing.clauses.clause import ItemClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.vocabulary import Transform

PASSING = frozenset({Transform.AS_IS, Transform.FLAG_ONLY, Transform.DROP})


def bind(terms: Terms, item: Item) -> PersonRule | None:  # noqa: ARG001  the item says it all
    """Refuse free text through any transform that was not made for it."""
    known = FIELDS.get((item.entity, item.field))
    free = known is None or known.classification is Classification.FREE_TEXT
    if not free or (known is not None and item.transform in PASSING):
        return None
    no = Reason("free-text", "free text is released as it is, as a flag, or not at all", "the agreement's data items")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        return no

    return rule


FREE_TEXT = ItemClause("free-text", "free text is named by an item, as it is or as a flag only", bind)
