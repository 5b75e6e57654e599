"""Wait while a newer version of a protection cannot be read: a row in quarantine, or its whole batch held.

What such a row says might be that the record is restricted, that an identity is sealed, that the person objects.
Until somebody reads it, nothing new is disclosed. Nothing is withdrawn either: one bad batch would otherwise take a
whole county's people away from those who care for them. It speaks last, so a protection that is known decides first.
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts

BASIS = "fail closed: nothing new until it is read, and nothing withdrawn"


def bind(terms: Terms) -> PersonRule:  # noqa: ARG001  the same for every agreement
    """Look for a waiting version that could not be read."""
    unknown = Reason("unread-protection", "whether a newer version of a protection waits is not known", "fail closed")

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        if facts.unread is None:
            return unknown
        if not facts.unread:
            return None
        first = facts.unread[0]
        return Reason("unread-protection", first.words(), BASIS, record=first.record, waits=True)

    return rule


UNREAD_PROTECTION = PersonClause("unread-protection", "no newer version of a protection waits unread", bind)
