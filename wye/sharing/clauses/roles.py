"""Withhold an item from roles that it does not name: Caldicott principle 4, need to know."""

from functools import cache

from wye.agreements.model import Item
from wye.sharing.clauses.clause import ItemClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms, item: Item) -> PersonRule:  # noqa: ARG001  the item says it all
    """Look for the role among the item's."""
    return _among(frozenset(role.value for role in item.roles))


@cache
def _among(roles: frozenset[str]) -> PersonRule:
    no = Reason("roles", "the item is not for this role", "Caldicott principle 4")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        return None if request.role in roles else no

    return rule


ROLES = ItemClause("roles", "the item is for the role that asks", bind)
