"""Keep the SQL of use-cases that join several packages' tables; every statement takes a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.audit.merkle import leaf_hash
from wye.store.database import Connection

# A notice, the care system's own number of the person it was linked to, and the person as the partner told of them.
NOTICES = """
SELECT r.record, r.body,
       (SELECT p.body ->> 'case_number' FROM identity.person_row p
         WHERE p.person = r.person AND p.entity = 'person' AND p.source = %(system)s ORDER BY p.record LIMIT 1),
       (SELECT p.body FROM identity.person_row p WHERE p.record = r.record AND p.entity = 'person' LIMIT 1)
FROM identity.person_row r
WHERE r.entity = 'incident' AND r.agreement IS NOT NULL
  AND NOT EXISTS (SELECT FROM exchange.handed_on h
                  WHERE h.system = %(system)s AND h.stream = %(stream)s AND h.item = r.record)
ORDER BY r.record LIMIT %(limit)s
"""


def notices(
    conn: Connection, system: str, stream: str, limit: int
) -> list[tuple[UUID, Mapping[str, object], str | None, Mapping[str, object]]]:
    """List notices not yet reserved for the care system: (record, incident, its case number, person as told)."""
    found = conn.execute(NOTICES, {"system": system, "stream": stream, "limit": limit})
    return [
        (
            cast("UUID", record),
            cast("Mapping[str, object]", incident),
            cast("str | None", case),
            cast("Mapping[str, object]", person or {}),
        )
        for record, incident, case, person in found
    ]


def unreserved(conn: Connection, system: str, stream: str, items: Sequence[UUID]) -> set[UUID]:
    """Find which items were never reserved for the system."""
    found = conn.execute(
        "SELECT i FROM unnest(%s::uuid[]) AS n (i) WHERE NOT EXISTS (SELECT FROM exchange.handed_on h"
        " WHERE h.system = %s AND h.stream = %s AND h.item = i)",
        (list(items), system, stream),
    )
    return {cast("UUID", item) for (item,) in found}


def reserve(conn: Connection, system: str, stream: str, items: Mapping[UUID, bytes], batch: str, at: datetime) -> None:
    """Reserve sealed items for a batch, before it is written."""
    conn.execute(
        "INSERT INTO exchange.handed_on (system, stream, item, sealed, batch, at)"
        " SELECT %s, %s, i, s, %s, %s FROM unnest(%s::uuid[], %s::bytea[]) AS n (i, s)",
        (system, stream, batch, at, list(items), list(items.values())),
    )


def unwritten(conn: Connection, system: str, stream: str) -> dict[str, dict[UUID, bytes]]:
    """List reserved batches of which nobody knows whether they were written: batch -> sealed items in order."""
    found = conn.execute(
        "SELECT batch, item, sealed FROM exchange.handed_on WHERE system = %s AND stream = %s AND written_at IS NULL"
        " ORDER BY batch, item",
        (system, stream),
    )
    batches: dict[str, dict[UUID, bytes]] = {}
    for batch, item, sealed in found:
        batches.setdefault(str(batch), {})[cast("UUID", item)] = bytes(cast("bytes", sealed))
    return batches


def mark_written(conn: Connection, system: str, stream: str, batch: str, at: datetime) -> None:
    """Note that a batch was written."""
    conn.execute(
        "UPDATE exchange.handed_on SET written_at = %s WHERE system = %s AND stream = %s AND batch = %s",
        (at, system, stream, batch),
    )


def held_by(conn: Connection, agreement: str, partner: str, persons: Sequence[UUID]) -> dict[UUID, bytes]:
    """Find the fingerprint of what a recipient holds of each person."""
    found = conn.execute(
        "SELECT person, fingerprint FROM exchange.recipient_state WHERE agreement = %s AND partner = %s AND person = ANY(%s)",
        (agreement, partner, list(persons)),
    )
    return {cast("UUID", person): bytes(cast("bytes", fingerprint)) for person, fingerprint in found}


def held_before(conn: Connection, waiting: Sequence[UUID]) -> dict[UUID, bytes]:
    """Find what recipients hold of the people of waiting rows, from the rows that were sent before."""
    found = conn.execute(
        """
        SELECT DISTINCT ON (o.person) o.person, o.fingerprint, o.kind
        FROM exchange.outbox w
        JOIN exchange.outbox o ON (o.agreement, o.partner, o.person) = (w.agreement, w.partner, w.person)
        WHERE w.id = ANY(%s) AND o.state IN ('numbered', 'published', 'delivered') AND o.kind IN ('put', 'correct', 'withdraw')
        ORDER BY o.person, o.sequence DESC
        """,
        (list(waiting),),
    )
    return {cast("UUID", person): bytes(cast("bytes", mark)) for person, mark, kind in found if kind != "withdraw"}


def leaves_of(conn: Connection, entries: Sequence[UUID]) -> dict[UUID, bytes]:
    """Find the leaf hash of audit entries: what a message carries as its proof of origin."""
    found = conn.execute("SELECT id, header FROM audit.entry WHERE id = ANY(%s)", (list(entries),))
    return {cast("UUID", entry): leaf_hash(bytes(cast("bytes", header))) for entry, header in found}


def recipient_people(conn: Connection, agreement: str, partner: str) -> list[UUID]:
    """List the people of whom a recipient holds something under an agreement, in order."""
    found = conn.execute(
        "SELECT person FROM exchange.recipient_state WHERE agreement = %s AND partner = %s ORDER BY person",
        (agreement, partner),
    )
    return [cast("UUID", person) for (person,) in found]


def count_held(conn: Connection, agreement: str) -> int:
    """Count the people of whom recipients hold something under an agreement."""
    found = conn.execute(
        "SELECT count(DISTINCT person) FROM exchange.recipient_state WHERE agreement = %s", (agreement,)
    ).fetchone()
    return int(str(found[0])) if found else 0


def mark_scope_due(conn: Connection, agreement: str, persons: Sequence[UUID], at: datetime) -> int:
    """Note as due all these persons, and all of whom a recipient holds something, that are not due by now anyway."""
    done = conn.execute(
        """
        INSERT INTO sharing.due (agreement, person, not_before, cause)
        SELECT %(agreement)s, x.person, %(at)s, 'agreement' FROM (
            SELECT unnest(%(persons)s::uuid[]) AS person
            UNION SELECT s.person FROM exchange.recipient_state AS s WHERE s.agreement = %(agreement)s) AS x
        WHERE NOT EXISTS (SELECT FROM sharing.due AS d
            WHERE d.agreement = %(agreement)s AND d.person = x.person AND d.not_before <= %(at)s)
        ORDER BY x.person ON CONFLICT DO NOTHING
        """,
        {"agreement": agreement, "persons": list(persons), "at": at},
    )
    return done.rowcount
