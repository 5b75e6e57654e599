"""Withhold where somebody can be found, while a safe-address flag is held.

All of an address, every contact point, and every field of the class safe-address: a postcode or a telephone number
leads to a door as surely as a street does. Not known whether flagged withholds too.
"""

from functools import cache

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.model import Item
from wye.sharing.clauses.clause import ItemClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts

LOCATING = frozenset({"address", "contact_point"})
"""Entities every field of which helps to find somebody."""


def bind(terms: Terms, item: Item) -> PersonRule | None:  # noqa: ARG001  the item says it all
    """Guard the items that locate."""
    facts_of_field = FIELDS.get((item.entity, item.field))
    safe = facts_of_field is not None and facts_of_field.classification is Classification.SAFE_ADDRESS
    if item.entity not in LOCATING and not safe:
        return None
    return _guard()


@cache
def _guard() -> PersonRule:
    flagged = Reason("safe-address", "a safe-address flag is held", "safe-address guard")
    unknown = Reason("safe-address", "whether a safe-address flag is held is not known", "safe-address guard")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if facts.safe_address is None:
            return unknown
        return flagged if facts.safe_address else None

    return rule


SAFE_ADDRESS = ItemClause("safe-address", "no safe-address flag is held, or the item locates nobody", bind)
