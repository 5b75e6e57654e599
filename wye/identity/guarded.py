"""Find the relations of people who have a safe-address flag: their address and that of whoever lives with them are one."""

from collections import defaultdict
from collections.abc import Sequence
from typing import LiteralString, cast
from uuid import UUID

from wye.identity.household_rows import addresses_of
from wye.store.database import Connection
from wye.store.protections import GuardedRelation, Values

# Ties either way, ended ones too: whoever once belonged to somebody may still be looked for through them. By index from the
# persons who are asked for, never by reading every tie there is.
_RELATED: LiteralString = """
WITH mine AS MATERIALIZED (
 SELECT record, person FROM identity.person_link WHERE superseded_at IS NULL AND person = ANY(%(persons)s)),
tied AS MATERIALIZED (
 SELECT m.person, (r.body ->> 'other')::uuid AS record FROM mine m JOIN canonical.row r ON r.subject = m.record
  AND r.superseded_at IS NULL AND r.entity = 'relationship' AND r.body ->> 'kind' <> 'duplicate'
 UNION
 SELECT m.person, r.subject FROM mine m JOIN canonical.row r ON r.body ->> 'other' = m.record::text
  AND r.superseded_at IS NULL AND r.entity = 'relationship' AND r.body ->> 'kind' <> 'duplicate'),
related AS MATERIALIZED (
 SELECT DISTINCT t.person, l.person AS other FROM tied t
 JOIN identity.person_link l ON l.record = t.record AND l.superseded_at IS NULL WHERE l.person <> t.person)
"""

# A flag in force, what a waiting version states, and a waiting version of which nobody could read what it says.
_FLAGGED: LiteralString = f"""{_RELATED}
SELECT r.person, r.other, f.body FROM related r
JOIN identity.person_link l ON l.person = r.other AND l.superseded_at IS NULL
JOIN canonical.row f ON f.subject = l.record AND f.superseded_at IS NULL AND f.entity = 'flag'
 AND f.body ->> 'kind' = 'safe-address'
UNION ALL
SELECT r.person, r.other, CASE WHEN p.unread THEN '{{}}' ELSE one -> 'values' END FROM related r
JOIN identity.person_link l ON l.person = r.other AND l.superseded_at IS NULL
JOIN canonical.pending_protection p ON p.subject = l.record AND p.cleared_at IS NULL
LEFT JOIN LATERAL jsonb_array_elements(p.stated) AS one ON NOT p.unread
WHERE p.unread OR (one ->> 'entity' = 'flag' AND one -> 'values' ->> 'kind' = 'safe-address')"""  # noqa: S608  ours

# Whoever of these has, had or may have a flag: to have had one is enough, for that it ended changes what may be told, too.
_EVER: LiteralString = f"""{_RELATED}
SELECT DISTINCT r.other FROM related r WHERE EXISTS (
 SELECT FROM mine m JOIN canonical.row f ON f.subject = m.record AND f.entity = 'flag'
  AND f.body ->> 'kind' = 'safe-address' WHERE m.person = r.person)
OR EXISTS (SELECT FROM mine m JOIN canonical.pending_protection p ON p.subject = m.record WHERE m.person = r.person)
ORDER BY 1"""  # noqa: S608  ours

# In the order of its index: a planner that believes in many flags would look for the first by reading everybody.
_ANYBODY: LiteralString = """SELECT EXISTS (SELECT FROM canonical.pending_protection) OR (
 SELECT subject FROM canonical.row WHERE entity = 'flag' AND body ->> 'kind' = 'safe-address' ORDER BY subject LIMIT 1
 ) IS NOT NULL"""


def relations_guarded(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, tuple[GuardedRelation, ...]]:
    """Give the relations of each person who have, or may have, a safe-address flag; a person without any has none."""
    if not _anybody(conn):
        return dict.fromkeys(persons, ())
    found = cast("list[tuple[UUID, UUID, Values]]", conn.execute(_FLAGGED, {"persons": list(persons)}).fetchall())
    homes: dict[UUID, list[Values]] = defaultdict(list)
    for person, _, _, _, body in addresses_of(conn, sorted({other for _, other, _ in found})) if found else ():
        homes[person].append(body)
    guarded: dict[UUID, list[GuardedRelation]] = {person: [] for person in persons}
    for person, other, flag in found:
        guarded[person].append(GuardedRelation(flag, tuple(homes[other])))
    return {person: tuple(relations) for person, relations in guarded.items()}


def relations_of_guarded(conn: Connection, persons: Sequence[UUID]) -> list[UUID]:
    """Name the relations of those of these persons who have or had a safe-address flag: what is told of them may change."""
    if not persons or not _anybody(conn):
        return []
    found = conn.execute(_EVER, {"persons": list(persons)}).fetchall()
    return [person for (person,) in cast("list[tuple[UUID]]", found)]


def _anybody(conn: Connection) -> bool:
    found = conn.execute(_ANYBODY).fetchone()
    return found is None or bool(found[0])
