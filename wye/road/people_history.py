"""Look at what was known of a person, and at who is at their door, on the record: every look writes its audit entry."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from wye.agreements.days import end_of
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.identity import history, household
from wye.road.admit import admit, admit_work
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.vocabulary import EventKind

LAST_MOMENT = timedelta(microseconds=1)


def look_then(hub: Hub, person: UUID, as_of: str) -> history.Then:
    """Show what was known of a person at an instant, or at the end of a day in London; raises UsageError."""
    at = hub.at()
    instant = instant_of(as_of)
    if instant > at:
        raise UsageError(f"`{as_of}` is still to come; what is known now is shown without --as-of")
    admit(hub, [person], "people show")
    with hub.conn.transaction():
        found = history.as_of(hub.conn, person, instant)
        _looked(hub, [person], f"people show as of {instant.isoformat(timespec='seconds')}", at)
    return found


def changes(hub: Hub, person: UUID, attribute: str | None) -> tuple[history.Change, ...]:
    """Show each change of a person's attributes; raises UsageError."""
    admit(hub, [person], "people history")
    at = hub.at()
    with hub.conn.transaction():
        found = history.changes(hub.conn, person, attribute)
        _looked(hub, [person], "people history", at)
    return found


def look_at_household(hub: Hub, person: UUID) -> household.Household:
    """Show who is at a person's door, and whom sources name as theirs; everybody shown gets an entry."""
    admit_work(hub, [person], "people household")
    at = hub.at()
    with hub.conn.transaction():
        found = household.household(hub.conn, person, at)
        _looked(hub, found.shown, "people household", at)
    return found


def instant_of(text: str) -> datetime:
    """Read an instant with its zone, or a date: its end in Europe/London. Raises UsageError."""
    try:
        return end_of(date.fromisoformat(text)) - LAST_MOMENT
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise UsageError(f"`{text}` is neither a day (2026-11-20) nor an instant with its zone (2026-11-20T09:00:00Z)")
    return instant


def _looked(hub: Hub, persons: Sequence[UUID], purpose: str, at: datetime) -> None:
    looks = [
        Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose=purpose) for person in persons
    ]
    append(hub.conn, hub.keys, with_flows(hub.conn, looks), at)
