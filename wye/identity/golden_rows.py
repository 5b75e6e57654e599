"""Write golden attributes: every statement of golden records stands here, each set-based."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from schemas.catalogue import MARKS, TIES
from wye.identity.survivorship import ONLY
from wye.store.database import Connection

Line = tuple[UUID, str, str, str, UUID, str, str]
"""person, attribute, value, source, record, reason, contributors; value and contributors are JSON."""

KNOWN = "SELECT DISTINCT person FROM identity.golden WHERE person = ANY(%(persons)s)"

# Persons of whom one canonical row speaks: what it says is golden, for nothing else is weighed. The same as golden.py
# gives, without reading the row. A record with a correction that counts is left to golden.py.
ALONE = """WITH alone AS MATERIALIZED (
 SELECT l.person, min(r.source) AS source, (array_agg(r.record))[1] AS record, (array_agg(r.body))[1] AS body
 FROM unnest(%(persons)s::uuid[]) AS p (person)
 JOIN identity.person_link l ON l.person = p.person AND l.superseded_at IS NULL
 JOIN canonical.row r ON r.subject = l.record AND r.superseded_at IS NULL AND r.entity = 'person'
 WHERE NOT EXISTS (SELECT FROM identity.correction c JOIN identity.person_link o ON o.record = c.record
  AND o.superseded_at IS NULL WHERE c.ended_at IS NULL AND o.person = p.person)
 GROUP BY l.person HAVING count(*) = 1),
written AS (
 INSERT INTO identity.golden (person, attribute, recorded_at, value, source, record, reason, contributors)
 SELECT a.person, said.key, %(at)s, said.value, a.source, a.record, %(reason)s,
  jsonb_build_array(jsonb_build_object('source', a.source, 'record', a.record::text, 'reason', %(reason)s::text))
 FROM alone a CROSS JOIN LATERAL jsonb_each(a.body) said
 WHERE said.value NOT IN ('null', '""') AND said.key <> ALL(%(not_attributes)s))
SELECT person FROM alone"""

BEGIN: LiteralString = """COPY identity.golden (person, attribute, value, source, record, reason, contributors, recorded_at)
FROM STDIN"""

STAGE = """CREATE TEMP TABLE new_golden (person uuid, attribute text, value jsonb, source text, record uuid, reason text,
 contributors jsonb) ON COMMIT DROP"""

# What is new, other or no longer said (value null). A full join is hashed or merged whatever the planner believes of a
# table that has just been filled; anything else here becomes a nested loop over it.
COMPARE = """CREATE TEMP TABLE other_golden ON COMMIT DROP AS
SELECT person, attribute, n.value, n.source, n.record, n.reason, n.contributors, g.recorded_at AS had
FROM new_golden n FULL JOIN (
 SELECT * FROM identity.golden WHERE superseded_at IS NULL AND person = ANY(%(persons)s)) g USING (person, attribute)
WHERE (n.value, n.source, n.record, n.reason, n.contributors)
 IS DISTINCT FROM (g.value, g.source, g.record, g.reason, g.contributors)"""

# The instant of a change: `at`, or just after the attribute's latest, so that no two versions share one.
END = """UPDATE identity.golden g SET superseded_at = greatest(%(at)s, o.had + interval '1 microsecond')
FROM other_golden o WHERE g.person = o.person AND g.attribute = o.attribute AND g.recorded_at = o.had"""

ADD = """INSERT INTO identity.golden (person, attribute, recorded_at, value, source, record, reason, contributors)
SELECT o.person, o.attribute, greatest(%(at)s::timestamptz, last.at + interval '1 microsecond'), o.value, o.source,
 o.record, o.reason, o.contributors
FROM other_golden o CROSS JOIN LATERAL (
 SELECT max(g.recorded_at) AS at FROM identity.golden g WHERE g.person = o.person AND g.attribute = o.attribute) last
WHERE o.value IS NOT NULL"""


def known(conn: Connection, persons: Sequence[UUID]) -> set[UUID]:
    """Tell which of these persons ever had a golden attribute."""
    return _set(conn.execute(KNOWN, {"persons": list(persons)}).fetchall())


def begin_alone(conn: Connection, persons: Sequence[UUID], at: datetime) -> set[UUID]:
    """Write the first golden attributes of those of these persons of whom one row speaks; tells which they are."""
    values = {"persons": list(persons), "at": at, "reason": ONLY, "not_attributes": [*MARKS, *TIES]}
    return _set(conn.execute(ALONE, values).fetchall())


def begin(conn: Connection, lines: Iterable[Line], at: datetime) -> None:
    """Write first golden attributes. The lines are read before: COPY takes the connection."""
    with conn.cursor() as cursor, cursor.copy(BEGIN) as copy:
        for line in lines:
            copy.write_row((*line, at))


def change(conn: Connection, persons: Sequence[UUID], lines: Iterable[Line], at: datetime) -> None:
    """Put these golden attributes of persons in the place of what they had; what is the same stays as it is."""
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.new_golden, pg_temp.other_golden")
        cursor.execute(STAGE)
        with cursor.copy("COPY new_golden FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        cursor.execute("ANALYZE new_golden (person, attribute)")  # of JSON it would cost more than the join
        cursor.execute(COMPARE, {"persons": list(persons)})
        cursor.execute("ANALYZE other_golden (person, attribute)")
        cursor.execute(END, {"at": at})
        cursor.execute(ADD, {"at": at})


def _set(rows: Sequence[object]) -> set[UUID]:
    return {person for (person,) in cast("Sequence[tuple[UUID]]", rows)}
