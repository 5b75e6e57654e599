"""Withhold restricted records. Where the agreement says `refer`, a named human is asked: failing closed has a counterweight."""

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
        if facts.restricted is None:
            return unknown
        return restricted if facts.restricted else None

    return rule


RESTRICTED_RECORD = PersonClause("restricted-record", "the record is not restricted", bind)
