"""Suspect a look at somebody of the same given and family name: often a relative, sometimes oneself unlinked."""

from wye.road.snooping.look import Common, Look, Reason

NAMESAKE = Reason("namesake", "somebody of the same given and family name was looked at", home=True)


def suspect(_: Look, common: Common) -> Reason | None:
    """Suspect if any given name or short name with family name is the same, of two people."""
    return NAMESAKE if common.same_name and not common.same_person else None
