"""Suspect a look at somebody whom a source names as a relation of the account's person."""

from wye.road.snooping.look import Common, Look, Reason

RELATION = Reason("relation", "somebody whom a source names as a relation was looked at", home=True)


def suspect(_: Look, common: Common) -> Reason | None:
    """Suspect if a source ties the two, either way."""
    return RELATION if common.related and not common.same_person else None
