"""Suspect a look at oneself: staff see what is held about them by asking as everybody does (UK GDPR Article 15)."""

from wye.road.snooping.look import Common, Look, Reason

OWN_RECORD = Reason("own-record", "the account's own person was looked at")


def suspect(_: Look, common: Common) -> Reason | None:
    """Suspect if the person is the account's."""
    return OWN_RECORD if common.same_person else None
