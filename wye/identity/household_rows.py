"""Read who says that they live at a door, and who is named as belonging to whom: by index, without reading everybody."""

from collections.abc import Sequence
from typing import Any, LiteralString, cast
from uuid import UUID

from wye.store.database import Connection

# Two branches, so that each is read by its own index whatever the planner believes; and no join, which it would make by
# reading every link there is. A row that both find is told twice.
AT_DOORS: LiteralString = """SELECT subject, source, record, observed_at, body FROM canonical.row
WHERE superseded_at IS NULL AND entity = 'address' AND body ->> 'uprn' IS NOT NULL AND body ->> 'uprn' = ANY(%(uprns)s)
UNION ALL
SELECT subject, source, record, observed_at, body FROM canonical.row
WHERE superseded_at IS NULL AND entity = 'address' AND body ->> 'postcode' = ANY(%(postcodes)s)"""

PERSONS: LiteralString = """SELECT record, person FROM identity.person_link
WHERE superseded_at IS NULL AND record = ANY(%s)"""

OF_PERSON: LiteralString = """SELECT person, source, record, observed_at, body FROM identity.person_row
WHERE person = ANY(%s) AND entity = 'address' ORDER BY person, source, record"""

# What this person's records say of others, and what others' records say of this person.
TIES: LiteralString = """SELECT true, r.body, r.source, r.record, r.recorded_at, o.person
FROM identity.person_row r LEFT JOIN identity.person_link o
 ON o.record = (r.body ->> 'other')::uuid AND o.superseded_at IS NULL
WHERE r.person = %(person)s AND r.entity = 'relationship' AND r.body ->> 'kind' <> 'duplicate'
UNION ALL
SELECT false, r.body, r.source, r.record, r.recorded_at, o.person
FROM identity.person_link l JOIN canonical.row r ON r.body ->> 'other' = l.record::text
 AND r.entity = 'relationship' AND r.superseded_at IS NULL AND r.body ->> 'kind' <> 'duplicate'
LEFT JOIN identity.person_link o ON o.record = r.subject AND o.superseded_at IS NULL
WHERE l.person = %(person)s AND l.superseded_at IS NULL
ORDER BY 6, 3, 4"""

FLAGS: LiteralString = """SELECT person, body FROM identity.person_row WHERE person = ANY(%s) AND entity = 'flag'"""

# Sealed, or something waits unread that may protect them, or staff restricted the record against anybody.
GUARDED: LiteralString = """SELECT l.person FROM identity.person_link l
JOIN identity.sealed_record s ON s.record = l.record WHERE l.superseded_at IS NULL AND l.person = ANY(%(persons)s)
UNION
SELECT l.person FROM identity.person_link l JOIN canonical.pending_protection p ON p.subject = l.record
WHERE l.superseded_at IS NULL AND p.cleared_at IS NULL AND l.person = ANY(%(persons)s)
UNION
SELECT l.person FROM identity.person_link l JOIN sharing.restriction_record t ON t.record = l.record
WHERE l.superseded_at IS NULL AND l.person = ANY(%(persons)s)
 AND NOT EXISTS (SELECT FROM sharing.restriction_lifted d WHERE d.restriction = t.restriction)"""

NAMES: LiteralString = """SELECT person, attribute, value FROM identity.golden
WHERE superseded_at IS NULL AND person = ANY(%s) AND attribute IN ('family_name', 'given_name', 'birth_date')"""

Row = tuple[Any, ...]


def addresses_of(conn: Connection, persons: Sequence[UUID]) -> list[Row]:
    """Read the current address rows of persons: (person, source, record, observed_at, body)."""
    return cast("list[Row]", conn.execute(OF_PERSON, (list(persons),)).fetchall())


def addresses_at(conn: Connection, uprns: Sequence[str], postcodes: Sequence[str]) -> list[Row]:
    """Read the current address rows that name one of these properties, or lie in one of these postcodes.

    As `addresses_of`, but the first is the record of the person whom it is about; a row may come twice.
    """
    return cast("list[Row]", conn.execute(AT_DOORS, {"uprns": list(uprns), "postcodes": list(postcodes)}).fetchall())


def persons_of(conn: Connection, records: Sequence[UUID]) -> dict[UUID, UUID]:
    """Tell whose these records of people are."""
    return dict(cast("list[tuple[UUID, UUID]]", conn.execute(PERSONS, (list(records),)).fetchall()))


def ties_of(conn: Connection, person: UUID) -> list[Row]:
    """Read ties both ways: (said of the other, body, source, record, recorded_at, the other person or None)."""
    return cast("list[Row]", conn.execute(TIES, {"person": person}).fetchall())


def flags_of(conn: Connection, persons: Sequence[UUID]) -> list[Row]:
    """Read the flags of persons: (person, body)."""
    return cast("list[Row]", conn.execute(FLAGS, (list(persons),)).fetchall())


def guarded_of(conn: Connection, persons: Sequence[UUID]) -> set[UUID]:
    """Tell which of these persons are sealed former identities, restricted by staff, or have a protection that waits."""
    found = conn.execute(GUARDED, {"persons": list(persons)}).fetchall()
    return {person for (person,) in cast("list[Row]", found)}


def names_of(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, dict[str, object]]:
    """Read by which names and birth date persons are best known."""
    found: dict[UUID, dict[str, object]] = {}
    for person, attribute, value in cast("list[Row]", conn.execute(NAMES, (list(persons),)).fetchall()):
        found.setdefault(person, {})[attribute] = value
    return found
