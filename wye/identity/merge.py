"""Merge two persons into one, and undo it: a human's word, kept as events with links appended.

Both also keep the word on each pair of records (`identity.doubt`), so that linking never goes against it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.errors import UsageError
from wye.identity import golden
from wye.identity.rows import ONE_AT_A_TIME, instant
from wye.store.database import Connection
from wye.store.ids import uuid7

END = "UPDATE identity.person_link SET superseded_at = %(at)s WHERE superseded_at IS NULL AND record = ANY(%(records)s)"

MOVE = """INSERT INTO identity.person_link (record, person, kind, reason, recorded_at)
SELECT unnest(%(records)s::uuid[]), %(kept)s, 'verified', %(reason)s, %(at)s"""

# The links that the merge ended, for the records that are still where it put them.
STILL = """SELECT record FROM identity.person_link WHERE superseded_at IS NULL AND person = %(kept)s
 AND record = ANY(%(records)s) AND record IN (
  SELECT record FROM identity.person_link WHERE person = %(other)s AND superseded_at = %(merged_at)s)"""

BACK = """INSERT INTO identity.person_link (record, person, kind, reason, recorded_at)
SELECT record, person, kind, reason, %(at)s FROM identity.person_link
WHERE record = ANY(%(records)s) AND person = %(other)s AND superseded_at = %(merged_at)s"""

DECIDE = """INSERT INTO identity.doubt (record_a, record_b, weight, found_at, decided_at, decision)
SELECT least(a, b), greatest(a, b), 0, %(at)s, %(at)s, %(decision)s
FROM unnest(%(left)s::uuid[]) AS a CROSS JOIN unnest(%(right)s::uuid[]) AS b
ON CONFLICT (record_a, record_b) DO UPDATE SET decided_at = excluded.decided_at, decision = excluded.decision"""

EVENT = """INSERT INTO identity.event (id, kind, kept, other, records, reason, actor, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""


def merge(conn: Connection, kept: UUID, other: UUID, reason: str, actor: str, at: datetime) -> UUID:
    """Move every record of `other` to `kept`, and give the event's id; raises UsageError if that cannot be.

    Nothing is linked to or across a record whose former identity is sealed, by anyone.
    """
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        if kept == other:
            raise UsageError(f"person `{kept}` is named twice; name two persons")
        staying, moving = records_of(conn, kept), records_of(conn, other)
        for person, records in ((kept, staying), (other, moving)):
            if not records:
                raise UsageError(f"person `{person}` has no records; `wye people show` tells where they went")
        sealed = conn.execute(
            "SELECT 1 FROM identity.feature WHERE sealed AND record = ANY(%s)", ([*staying, *moving],)
        ).fetchone()
        if sealed:
            raise UsageError(f"persons `{kept}` and `{other}` may not be merged: a former identity is sealed")
        stamp = instant(conn, [*staying, *moving], at)
        conn.execute(END, {"records": moving, "at": stamp})
        conn.execute(MOVE, {"records": moving, "kept": kept, "reason": reason, "at": stamp})
        conn.execute(DECIDE, {"left": staying, "right": moving, "decision": "same", "at": stamp})
        event = uuid7()
        conn.execute(EVENT, (event, "merge", kept, other, moving, reason, actor, stamp))
        golden.write(conn, sorted((kept, other)), at)
        return event


def unmerge(conn: Connection, event: UUID, actor: str, at: datetime) -> UUID:
    """Undo one merge: its records go back to the person they had, with the links they had; gives the new event's id.

    Records that moved on since stay where they are. Raises UsageError if there is nothing to undo.
    """
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        found = conn.execute(
            "SELECT kept, other, records, reason, at FROM identity.event WHERE id = %s AND kind = 'merge'", (event,)
        ).fetchone()
        if found is None:
            raise UsageError(f"event `{event}` is no merge; `wye people show` lists the merges of a person")
        kept, other, records, reason, merged_at = cast("tuple[UUID, UUID, list[UUID], str, datetime]", found)
        stamp = instant(conn, records, at)
        places = {"kept": kept, "other": other, "records": records, "merged_at": merged_at, "at": stamp}
        back = [record for (record,) in cast("list[tuple[UUID]]", conn.execute(STILL, places).fetchall())]
        if not back:
            raise UsageError(f"merge `{event}` has nothing left to undo: its records are with other persons now")
        conn.execute(END, places | {"records": back})
        conn.execute(BACK, places | {"records": back})
        staying = records_of(conn, kept)
        conn.execute(DECIDE, {"left": staying, "right": back, "decision": "different", "at": stamp})
        undone = uuid7()
        conn.execute(EVENT, (undone, "unmerge", kept, other, back, f"undone: {reason}", actor, stamp))
        golden.write(conn, sorted((kept, other)), at)
        return undone


def persons_of(conn: Connection, event: UUID) -> tuple[UUID, UUID]:
    """Read the two persons of an event."""
    found = conn.execute("SELECT kept, other FROM identity.event WHERE id = %s", (event,)).fetchone()
    if found is None:
        raise UsageError(f"no event `{event}`; `wye people show` lists the events of a person")
    return cast("tuple[UUID, UUID]", found)


def records_of(conn: Connection, person: UUID) -> Sequence[UUID]:
    """Read the records linked to a person now, in order."""
    found = conn.execute(
        "SELECT record FROM identity.person_link WHERE person = %s AND superseded_at IS NULL ORDER BY record", (person,)
    ).fetchall()
    return [record for (record,) in cast("list[tuple[UUID]]", found)]
