"""Withhold rows of an entity that the item's row condition does not choose, such as care packages that have ended."""

from functools import cache

from wye.agreements.model import Item
from wye.sharing.clauses.clause import Terms, Value, ValueClause, ValueRule
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.sharing.lasting import lasts
from wye.store.known import KnownRow


def bind(terms: Terms, item: Item) -> ValueRule | None:  # noqa: ARG001  the item says it all
    """Test the row condition."""
    condition = item.rows
    if condition is None:
        return None
    return _chosen(item.entity, condition.field, frozenset(condition.values), lasting=condition.open)


@cache
def _chosen(entity: str, field: str | None, values: frozenset[str], *, lasting: bool) -> ValueRule:
    no = Reason("rows", "the agreement does not cover such rows", "the agreement's data items")

    def rule(value: Value, request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape
        if not isinstance(value, KnownRow):
            return no
        if field is not None and value.values.get(field) not in values:
            return no
        return None if not lasting or lasts(entity, value.values, moment.text) else no

    return rule


ROWS = ValueClause("rows", "the row is one that the item's row condition chooses", bind, silent=True)
