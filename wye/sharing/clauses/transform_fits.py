"""Withhold an item whose transform was not made for its field, such as a mask on a name: it might show too much of it.

Checks refuse such an agreement before anybody signs it. This stands behind them: no signature makes it run.
"""

from schemas.catalogue import FIELDS
from wye.agreements.fitting import FITS
from wye.agreements.model import Item
from wye.sharing.clauses.clause import ItemClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms, item: Item) -> PersonRule | None:  # noqa: ARG001  the item says it all
    """Refuse what does not fit."""
    facts_of_field = FIELDS.get((item.entity, item.field))
    fit = FITS.get(item.transform)
    if facts_of_field is not None and fit is not None and fit.holds(facts_of_field):
        return None
    no = Reason("transform-fits", "the transform was not made for this field", "the agreement's data items")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        return no

    return rule


TRANSFORM_FITS = ItemClause("transform-fits", "the item's transform was made for its field", bind)
