"""Withhold a value that is known not to be sure: sources contest it, or a steward found another value right.

What is sent must be accurate (UK GDPR Article 5(1)(d); Data Protection Act 2018 section 38(4)), so a value that we know to
be wrong does not leave, even where its source is the only one that the agreement permits. Not silent: the recipient is
told that something is held back, and can ask.
"""

from wye.agreements.model import Item
from wye.sharing.clauses.clause import Terms, Value, ValueClause, ValueRule
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts

BASIS = "UK GDPR Article 5(1)(d), accuracy"


def bind(terms: Terms, item: Item) -> ValueRule | None:  # noqa: ARG001  the same for every item of a person
    """Look for a doubt; only attributes of a person can carry one."""
    return _rule if item.entity == "person" else None


def _rule(value: Value, request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape
    doubt = getattr(value, "doubt", None)
    return None if doubt is None else Reason("doubted", doubt, BASIS)


DOUBTED = ValueClause("doubted", "the value is neither contested nor found wrong by a steward", bind)
