"""Write the audit entries of consents and objections, one to each person, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import NO_DETAIL, Event
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.vocabulary import EventKind


def enter(
    hub: Hub,
    kind: EventKind,
    persons: Sequence[UUID],
    purpose: str,
    at: datetime,
    outcome: str | None = None,
    detail: Mapping[str, str] = NO_DETAIL,
    agreement: str | None = None,
) -> None:
    """Write the entry of a word or a look; it says that something was said, and never by whom or on what evidence."""
    events = [
        Event(
            kind=kind,
            at=at,
            actor=hub.actor,
            person=person,
            agreement=agreement,
            outcome=outcome,
            purpose=purpose,
            detail=detail,
        )
        for person in persons
    ]
    append(hub.conn, hub.keys, with_flows(hub.conn, events), at)
