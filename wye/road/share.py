"""Share what is due under one agreement: steps 8 to 10 of the way of a record."""

from dataclasses import dataclass

from wye.agreements.in_force import InForce
from wye.batch import in_hand
from wye.errors import AgreementRefused
from wye.failpoints import reach
from wye.road import rows
from wye.road.agreement_life import enforce
from wye.road.commit import commit
from wye.road.decide import Decider
from wye.road.hub import Hub
from wye.road.propose import propose
from wye.road.shape import shaper
from wye.road.waiting import AGAIN, CAUSE
from wye.sharing.due import mark_due_at, take_due


@dataclass(slots=True)
class Shared:
    """Tell what one run decided."""

    decided: int = 0
    released: int = 0
    withheld: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    waiting: int = 0


def in_force(hub: Hub, agreement: str) -> InForce:
    """Find an agreement in force, and note the first time; raises AgreementRefused saying why nothing is shared under it."""
    if agreement in hub.agreements:
        enforce(hub, hub.agreements[agreement])
        return hub.agreements[agreement]
    why = hub.refused.get(agreement, "there is no such agreement")
    raise AgreementRefused(f"agreement `{agreement}` is not in force, and nothing is shared under it: {why}")


def share(hub: Hub, agreement: str) -> Shared:
    """Drain what is due under an agreement, in one transaction a batch; raises AgreementRefused.

    Under an agreement without a feed, what there is cause for is proposed to the system that it names.
    """
    standing = in_force(hub, agreement)
    if standing.agreement.aggregates is not None:
        return Shared()  # nothing leaves about anybody: `wye agreements publish` makes its tables
    if not standing.agreement.feeds:
        proposed = propose(hub, standing)
        return Shared(decided=proposed.decided, released=proposed.sent, withheld=proposed.withheld)
    decider = Decider(hub, standing)
    shapes = shaper(hub, decider.agreement)
    done = Shared()
    while True:
        at = hub.at()
        with in_hand(), hub.conn.transaction():
            persons = take_due(hub.conn, agreement, hub.settings.batch_rows, at)
            if not persons:
                return done
            held = rows.held_by(hub.conn, agreement, decider.agreement.recipient, persons)
            decisions = decider.decide(persons, at)
            step = commit(hub, decider, shapes, decisions, held, at)
            later = [(each.person, each.decision.next_change_at) for each in decisions if each.decision.next_change_at]
            mark_due_at(hub.conn, agreement, [(person, when) for person, when in later if when is not None], "time")
            waits = [
                (each.person, at + AGAIN) for each in decisions if each.decision.waits and not each.decision.unrecorded
            ]
            mark_due_at(hub.conn, agreement, waits, CAUSE)
            reach("share.before_commit")
        reach("share.after_commit")
        done.decided += len(persons)
        done.released += step.released
        done.withheld += step.withheld
        done.unchanged += step.unchanged
        done.withdrawn += step.withdrawn
        done.waiting += step.waiting
