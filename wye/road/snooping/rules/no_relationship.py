"""Suspect a look that was chosen at somebody with whom no source says that the account works (Caldicott principle 4)."""

from wye.road.snooping.look import Common, Look, Reason

NO_RELATIONSHIP = Reason("no-relationship", "no source names the account's worker or team with the person on that day")


def suspect(look: Look, common: Common) -> Reason | None:
    """Suspect if whoever looked chose the person, and no source names worker or team as involved on that day."""
    return NO_RELATIONSHIP if look.chosen and not common.worked_with else None
