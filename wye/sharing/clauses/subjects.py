"""Withhold from whoever is not a subject of the agreement: it is not about them.

The same clause runs as SQL (wye.sharing.subjects), to count who is considered; a property test holds the two together.
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.sharing.subjects import is_subject


def bind(terms: Terms) -> PersonRule:
    """Test the subject clause on facts."""
    subjects = terms.agreement.subjects
    no = Reason("subjects", "not one of the people whom the agreement is about", "the agreement's subjects")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        return None if is_subject(subjects, facts.known, moment.text) else no

    return rule


SUBJECTS = PersonClause("subjects", "the person is one whom the agreement is about", bind)
