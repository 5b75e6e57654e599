"""Withhold an item whose transform is `drop`: the agreement names the field only to say that it never leaves."""

from wye.agreements.model import Item
from wye.sharing.clauses.clause import ItemClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.vocabulary import Transform


def bind(terms: Terms, item: Item) -> PersonRule | None:  # noqa: ARG001  the item says it all
    """Refuse what is to be dropped."""
    if item.transform is not Transform.DROP:
        return None
    no = Reason("drop", "the agreement says that the field never leaves", "the agreement's data items")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        return no

    return rule


DROP = ItemClause("drop", "the item is not one to be dropped", bind)
