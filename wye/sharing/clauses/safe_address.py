"""Withhold where somebody can be found, and what derives from that, while a safe-address flag is held.

The flag counts if it is the person's own, or of a relation of theirs at the same address: that one's address is the other's.
Which fields locate is a table (schemas/locating.py): all of an address and its transforms, every contact point, the class
safe-address, free text, the names of places and teams near a home. Not known whether flagged withholds too.

Those who must know still see an item: its `must_know` says why, and is signed with the rest. From a recipient against whom the
record is restricted nothing is released at all, whatever it must know (restricted-record).
"""

from functools import cache

from schemas.locating import locates
from wye.agreements.model import Item
from wye.sharing.clauses.clause import ItemClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms, item: Item) -> PersonRule | None:  # noqa: ARG001  the item says it all
    """Guard the items that locate, but for whoever must know."""
    if item.must_know is not None or locates(item.entity, item.field) is None:
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


SAFE_ADDRESS = ItemClause(
    "safe-address", "no safe-address flag is held, or the item locates nobody, or the recipient must know it", bind
)
