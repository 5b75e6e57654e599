"""Say what objects to two records, and to the others of their persons, being one person: in words, without values."""

from typing import Any, cast
from uuid import UUID

from wye.identity.conflict import Traits, conflict
from wye.identity.words import Pair, between
from wye.store.database import Connection

# Both records, and all others of their persons.
TRAITS = """SELECT f.record, l.person, f.source, f.given, f.known_as, f.middle, f.family, f.birth_date, f.nhs_number,
 f.sealed, f.duplicates, CASE l.kind WHEN 'verified' THEN l.person END
FROM identity.person_link l JOIN identity.feature f USING (record)
WHERE l.superseded_at IS NULL AND l.person IN (
 SELECT person FROM identity.person_link WHERE superseded_at IS NULL AND record = ANY(%s)) ORDER BY f.record"""


def objections(conn: Connection, pair: Pair) -> list[str]:
    """List what objects: between the two records first, then between the others that would come together."""
    traits: dict[UUID, Traits] = {}
    person: dict[UUID, UUID] = {}
    marked: dict[UUID, list[str]] = {}
    for row in cast("list[tuple[Any, ...]]", conn.execute(TRAITS, (list(pair),)).fetchall()):
        record, of, source, given, known_as, middle, family, birth_date, nhs_number, sealed, duplicates, pinned = row
        traits[record] = Traits(
            source, given, known_as, middle, family, birth_date, nhs_number, sealed=sealed, pinned=pinned
        )
        person[record], marked[record] = of, duplicates
    sides = [[record for record in traits if person[record] == person.get(end)] for end in pair]
    found: list[str] = []
    for a, b in sorted(between(*sides), key=lambda each: each != pair):
        objection = conflict(traits[a], traits[b], marked=str(b) in marked[a] or str(a) in marked[b])
        if objection is not None:
            here = "" if (a, b) == pair else "other records of theirs: "
            found.append(here + objection.reason)
    return list(dict.fromkeys(found))
