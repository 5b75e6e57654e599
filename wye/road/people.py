"""Look at people and say who is who, on the record: every look, and every word with what follows, writes its entry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.identity import merge as merging
from wye.identity import saying
from wye.identity.link_rows import records_of
from wye.identity.review import person_of, show
from wye.identity.saying import Spoken
from wye.identity.together import together
from wye.road.admit import admit, noting_refused, refuse_named
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.parting import FollowedUp, follow_up
from wye.road.protections import mark_with_relations
from wye.vocabulary import EventKind

Speak = Callable[[datetime], Spoken]


@dataclass(frozen=True, slots=True)
class Done:
    """Tell what a word did: the event, the persons it is about, the records that moved, and what follows a parting."""

    event: UUID
    persons: tuple[UUID, ...]
    records: tuple[UUID, ...]
    followed: FollowedUp


def look(hub: Hub, person: UUID) -> Mapping[str, object]:
    """Show what is known of a person; the consultation is on the record before anything is shown. Raises Restricted."""
    admit(hub, [person], "people show")
    at = hub.at()
    with hub.conn.transaction():
        found = show(hub.conn, person)
        looked = Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose="people show")
        append(hub.conn, hub.keys, with_flows(hub.conn, [looked]), at)
    return found


def find(hub: Hub, of: UUID) -> UUID:
    """Find the person of a record, on the record; raises UsageError."""
    at = hub.at()
    with hub.conn.transaction():
        person = person_of(hub.conn, of)
        looked = Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose="people find")
        append(hub.conn, hub.keys, with_flows(hub.conn, [looked]), at)
    return person


def merge(hub: Hub, kept: UUID, other: UUID, reason: str) -> Done:
    """Merge two persons; raises UsageError if they cannot be one."""
    return _said(hub, "merge", lambda at: merging.merge(hub.conn, kept, other, reason, hub.actor, at))


def unmerge(hub: Hub, event: UUID, reason: str) -> Done:
    """Take a merge apart for good; raises UsageError if there is nothing to take apart."""
    return _said(hub, "unmerge", lambda at: merging.unmerge(hub.conn, event, reason, hub.actor, at))


def undo(hub: Hub, event: UUID, reason: str) -> Done:
    """Take a human's event back; raises UsageError if there is nothing to take back."""
    return _said(hub, "undo", lambda at: merging.undo(hub.conn, event, reason, hub.actor, at))


def same(hub: Hub, left: UUID, right: UUID, reason: str) -> Done:
    """Say that two records, or persons, are one person; raises UsageError against another word."""
    return _said(hub, "same", lambda at: saying.same(hub.conn, left, right, reason, hub.actor, at))


def different(hub: Hub, left: UUID, right: UUID, reason: str) -> Done:
    """Say that two records, or persons, are two people; raises UsageError against another word."""
    return _said(hub, "different", lambda at: saying.different(hub.conn, left, right, reason, hub.actor, at))


def split(hub: Hub, person: UUID, records: Sequence[UUID], reason: str) -> Done:
    """Give some records of a person a person of their own; raises UsageError."""
    return _said(hub, "split", lambda at: saying.split(hub.conn, person, records, reason, hub.actor, at))


def _said(hub: Hub, cause: str, speak: Speak) -> Done:
    """Let a word be said, and what follows from it, in one transaction."""
    at = hub.at()
    with noting_refused(hub, f"people {cause}"), hub.conn.transaction():
        return record(hub, cause, speak(at), at)


def record(hub: Hub, cause: str, spoken: Spoken, at: datetime) -> Done:
    """Write the entries of a word, mark its persons due, and follow up a parting, in the caller's transaction.

    Raises Restricted to an account against which one of their records is restricted: then the word is not said.
    """
    refuse_named(hub, spoken.persons)
    followed = FollowedUp()
    if spoken.parted:
        windows = together(hub.conn, spoken.records, records_of(hub.conn, spoken.kept))
        followed = follow_up(hub, spoken.event, windows, spoken.persons, spoken.persons, at)
    mark_with_relations(hub, spoken.persons, cause, at)
    kind = EventKind.UNMERGE if spoken.parted else EventKind.MERGE if spoken.records else EventKind.ALTERATION
    entries = [
        Event(
            kind=kind,
            at=at,
            actor=hub.actor,
            person=person,
            purpose=f"people {cause}",
            counts={"records": len(spoken.records), "disclosures": len(followed.disclosures)},
            detail={"identity_event": str(spoken.event)},
        )
        for person in spoken.persons
    ]
    append(hub.conn, hub.keys, with_flows(hub.conn, entries), at)
    return Done(spoken.event, spoken.persons, spoken.records, followed)
