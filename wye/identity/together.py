"""Tell when records were of one person, up to the moment at which they were parted: from the history of links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection

SHARED = """SELECT DISTINCT l.person, greatest(l.recorded_at, r.recorded_at), least(l.superseded_at, r.superseded_at)
FROM identity.person_link l JOIN identity.person_link r ON r.person = l.person AND r.record = ANY(%(right)s)
WHERE l.record = ANY(%(left)s) AND least(l.superseded_at, r.superseded_at) IS NOT NULL
 AND greatest(l.recorded_at, r.recorded_at) < least(l.superseded_at, r.superseded_at)"""


@dataclass(frozen=True, slots=True)
class Window:
    """Hold one stretch of time in which records of both sides were of one person; `until` is not in it."""

    person: UUID
    since: datetime
    until: datetime


def together(conn: Connection, left: Sequence[UUID], right: Sequence[UUID]) -> list[Window]:
    """Find the stretches that lead without a gap to the latest parting of the two sides, latest first.

    A merge within a merge gives a stretch under each person; one that was parted before is another story.
    """
    found = conn.execute(SHARED, {"left": list(left), "right": list(right)}).fetchall()
    return unbroken(Window(*row) for row in cast("list[tuple[UUID, datetime, datetime]]", found))


def unbroken(windows: Iterable[Window]) -> list[Window]:
    """Keep the stretches that hang together up to the latest end, joining those of one person. Pure."""
    kept: list[Window] = []
    start: datetime | None = None
    for window in sorted(windows, key=lambda each: (each.until, each.since), reverse=True):
        if start is not None and window.until < start:
            break
        start = window.since if start is None else min(start, window.since)
        kept.append(window)
    joined: dict[UUID, list[Window]] = {}
    for window in sorted(kept, key=lambda each: (each.since, each.until)):
        own = joined.setdefault(window.person, [])
        if own and window.since <= own[-1].until:
            own[-1] = Window(window.person, own[-1].since, max(own[-1].until, window.until))
        else:
            own.append(window)
    return sorted((each for own in joined.values() for each in own), key=lambda each: each.since, reverse=True)
