"""Keep former identities sealed: no link to them, no answer by way of them, and nothing that says there was one.

Gender Recognition Act 2004 section 22; Adoption and Children Act 2002 sections 56 to 65. A record is sealed while its
source flags it so, and stays sealed when it leaves its source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.identity import link_rows
from wye.identity.assign import ALONE, Spoken
from wye.store.database import Connection
from wye.store.ids import uuid7

NOTE = """INSERT INTO identity.sealing (record, since)
SELECT f.record, %(at)s FROM identity.feature f JOIN looked_at w USING (record) WHERE f.sealed
ON CONFLICT (record) DO UPDATE SET since = excluded.since, ended_at = NULL WHERE sealing.ended_at IS NOT NULL"""

END = """UPDATE identity.sealing s SET ended_at = %(at)s FROM looked_at w JOIN identity.feature f USING (record)
WHERE s.record = w.record AND s.ended_at IS NULL AND NOT f.sealed"""

# Sealed records that share their person with another record, with those that they leave behind.
JOINED = """SELECT l.record, l.person, array_agg(o.record ORDER BY o.record) FROM looked_at w
JOIN identity.feature f ON f.record = w.record AND f.sealed
JOIN identity.person_link l ON l.record = w.record AND l.superseded_at IS NULL
JOIN identity.person_link o ON o.person = l.person AND o.superseded_at IS NULL AND o.record <> l.record
GROUP BY l.record, l.person ORDER BY l.record"""

PERSONS = "INSERT INTO identity.person SELECT unnest(%(persons)s::uuid[]), %(at)s"

ALONE_NOW = """INSERT INTO identity.person_link (record, person, kind, reason, recorded_at)
SELECT record, person, 'auto', %(reason)s, %(at)s FROM unnest(%(records)s::uuid[], %(persons)s::uuid[]) AS n (record, person)"""

FORGET_LOOKS = """UPDATE identity.second_look s SET state = 'dropped' WHERE state IN ('waiting', 'disputed')
AND (record_a = ANY(%(records)s) OR record_b = ANY(%(records)s))"""


@dataclass(frozen=True, slots=True)
class Parted:
    """Hold one sealed record that left its person. INVARIANT: shown to nobody; it is what the seal hides."""

    record: UUID
    before: UUID
    others: tuple[UUID, ...]
    """The other records of that person then."""
    left_behind: tuple[UUID, ...]
    """Those of them that stay with it."""


def part(conn: Connection, at: datetime) -> list[Parted]:
    """Give each record looked at that is now sealed a person of its own, at once; the older person stays with the rest.

    No event tells of it. Called by identify, after features are written.
    """
    conn.execute(NOTE, {"at": at})
    conn.execute(END, {"at": at})
    found = cast("list[tuple[UUID, UUID, list[UUID]]]", conn.execute(JOINED).fetchall())
    if not found:
        return []
    records = [record for record, _, _ in found]
    stamp = link_rows.instant(conn, records, at)
    values = {"records": records, "persons": [uuid7() for _ in records], "reason": ALONE, "at": stamp}
    for statement in (link_rows.END, PERSONS, ALONE_NOW):
        conn.execute(statement, values)
    conn.execute(FORGET_LOOKS, {"records": records})
    sealed = set(records)
    return [
        Parted(record, person, tuple(others), tuple(other for other in others if other not in sealed))
        for record, person, others in found
    ]


def of_nobody_sealed(conn: Connection, words: Sequence[Spoken]) -> list[Spoken]:
    """Leave out words that touch a sealed record: what was said of it before leads nobody to it."""
    sealed = sealed_among(conn, [record for a, b, _ in words for record in (a, b)]) if words else set[UUID]()
    return [word for word in words if sealed.isdisjoint(word[:2])]


def sealed_among(conn: Connection, records: Sequence[UUID]) -> set[UUID]:
    """Tell which of these records are sealed."""
    found = conn.execute(
        "SELECT record FROM identity.sealed_record WHERE record = ANY(%s)", (list(records),)
    ).fetchall()
    return {record for (record,) in cast("list[tuple[UUID]]", found)}
