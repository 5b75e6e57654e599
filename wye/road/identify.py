"""Say who is who until nothing is left to look at, and note for whom something may now change: steps 5 to 7."""

from dataclasses import dataclass

from wye.audit.append import append
from wye.audit.event import Event
from wye.identity.identify import identify as identify_batch
from wye.intake.pending_rows import place
from wye.road.flows import all_flows
from wye.road.hub import Hub
from wye.road.parting import follow_up_sealing
from wye.road.protections import mark_with_relations
from wye.vocabulary import EventKind


@dataclass(slots=True)
class Identified:
    """Tell how the person index changed."""

    looked_at: int = 0
    persons_new: int = 0
    linked_by_rule: int = 0
    linked_by_model: int = 0
    doubtful: int = 0
    merged: int = 0
    due: int = 0


def identify(hub: Hub) -> Identified:
    """Drain what changed, in one transaction a batch, and mark the people due under every agreement in force."""
    done = Identified()
    while _batch(hub, done):
        pass
    place(hub.conn)  # apart: what lands meanwhile takes the same rows in another order
    return done


def _batch(hub: Hub, done: Identified) -> bool:
    at = hub.at()
    with hub.conn.transaction():
        step = identify_batch(hub.conn, at)
        if step.looked_at == 0:
            return False
        counts = {
            "records": step.looked_at,
            "persons_new": step.persons_new,
            "linked": step.linked_by_rule + step.linked_by_model,
            "merged": step.merged,
        }
        combined = Event(
            kind=EventKind.COMBINATION,
            at=at,
            actor=hub.actor,
            flows=all_flows(hub.conn, list(step.changed_persons)),
            purpose="person index",
            counts=counts,
        )
        append(hub.conn, hub.keys, [combined], at)
        for parted in step.parted:
            follow_up_sealing(hub, parted, at)
        done.due += mark_with_relations(hub, step.changed_persons, "identity", at)
    done.looked_at += step.looked_at
    done.persons_new += step.persons_new
    done.linked_by_rule += step.linked_by_rule
    done.linked_by_model += step.linked_by_model
    done.doubtful += step.doubtful
    done.merged += step.merged
    return True
