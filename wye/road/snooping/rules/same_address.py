"""Suspect a look at somebody who lives, or lived, where the account's person does: family, a former partner, a neighbour."""

from wye.road.snooping.look import Common, Look, Reason

SAME_ADDRESS = Reason("same-address", "somebody who has, or had, the same address was looked at", home=True)


def suspect(_: Look, common: Common) -> Reason | None:
    """Suspect if any source puts both, of two people, behind one door."""
    return SAME_ADDRESS if common.same_address and not common.same_person else None
