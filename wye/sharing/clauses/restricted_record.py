"""Withhold restricted records: restricted by a source's flag, or by staff against everyone or against this recipient.

A recipient against whom a record is restricted is one whom the risk is with, or through whom it would get there: nothing leaves,
whatever the recipient must know. Where the agreement says `refer`, a named human is asked, with a clock: failing closed has a
counterweight (docs/protected-people.md).
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts


def bind(terms: Terms) -> PersonRule:
    """Look for the restriction."""
    who = terms.agreement.restricted_records.refer_to
    basis = "the agreement's restricted_records"
    asked = f"; {who} decides" if who else ""
    restricted = Reason("restricted-record", f"the record is restricted{asked}", basis, who)
    unknown = Reason("restricted-record", f"whether the record is restricted is not known{asked}", basis, who)

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if facts.restricted or request.recipient in (facts.restricted_against or ()):
            return restricted
        return unknown if facts.restricted is None or facts.restricted_against is None else None

    return rule


RESTRICTED_RECORD = PersonClause(
    "restricted-record", "the record is not restricted, against everyone or against the recipient", bind
)
