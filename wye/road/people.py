"""Look at people and say who is who, on the record: every look, merge and undo writes its audit entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.identity import merge as identity_merge
from wye.identity.review import Waiting, show, waiting
from wye.road.hub import Hub
from wye.sharing.due import mark_due
from wye.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Merged:
    """Name a merge or its undoing, and the two persons that it is about."""

    event: UUID
    persons: tuple[UUID, ...]


def look(hub: Hub, person: UUID) -> Mapping[str, object]:
    """Show what is known of a person; the consultation is on the record before anything is shown."""
    at = hub.at()
    with hub.conn.transaction():
        found = show(hub.conn, person)
        looked = Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose="people show")
        append(hub.conn, hub.keys, [looked], at)
    return found


def doubtful(hub: Hub, limit: int) -> list[Waiting]:
    """List pairs for a human, the likeliest first; each person whose records are compared gets an entry."""
    at = hub.at()
    with hub.conn.transaction():
        found = list(waiting(hub.conn, limit))
        seen = sorted({person for pair in found for person in pair.persons if person is not None})
        looks = [
            Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose="people review")
            for person in seen
        ]
        append(hub.conn, hub.keys, looks, at)
    return found


def merge(hub: Hub, kept: UUID, other: UUID, reason: str) -> Merged:
    """Merge two persons and mark both due; raises UsageError if they cannot be one."""
    at = hub.at()
    with hub.conn.transaction():
        event = identity_merge.merge(hub.conn, kept, other, reason, hub.actor, at)
        _record(hub, EventKind.MERGE, event, (kept, other), "merge")
    return Merged(event, (kept, other))


def unmerge(hub: Hub, event: UUID) -> Merged:
    """Undo a merge and mark both persons due; raises UsageError if there is nothing to undo."""
    at = hub.at()
    with hub.conn.transaction():
        undone = identity_merge.unmerge(hub.conn, event, hub.actor, at)
        persons = tuple(identity_merge.persons_of(hub.conn, undone))
        _record(hub, EventKind.UNMERGE, undone, persons, "unmerge")
    return Merged(undone, persons)


def _record(hub: Hub, kind: EventKind, event: UUID, persons: tuple[UUID, ...], cause: str) -> None:
    at = hub.at()
    mark_due(hub.conn, hub.feeds, persons, cause, at)
    entries = [
        Event(kind=kind, at=at, actor=hub.actor, person=person, detail={"identity_event": str(event)})
        for person in persons
    ]
    append(hub.conn, hub.keys, entries, at)
