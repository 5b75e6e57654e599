"""Write the golden attributes of persons: the best value of each, every source that was weighed, and why.

Where sources contest each other (contested.py) the value is JSON null, with its contributors: nothing is golden.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from wye.identity.contested import REASON, contested
from wye.identity.corrections import settle
from wye.identity.known import attributes
from wye.identity.survivorship import explain
from wye.store.database import Connection

BATCH = 5_000
"""Persons at a time: bounds memory at any number of persons."""

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

Line = tuple[UUID, str, str, str, UUID, str, str]


def write(conn: Connection, persons: Sequence[UUID], at: datetime) -> None:
    """Weigh each attribute of these persons anew; a version ends, and one begins, only where something changed."""
    for start in range(0, len(persons), BATCH):
        _write(conn, list(persons[start : start + BATCH]), at)


def _write(conn: Connection, persons: list[UUID], at: datetime) -> None:
    settle(conn, persons, at)
    lines = list(_lines(conn, persons))  # read before COPY takes the connection
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.new_golden, pg_temp.other_golden")
        cursor.execute(STAGE)
        with cursor.copy("COPY new_golden FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        cursor.execute("ANALYZE new_golden")
        cursor.execute(COMPARE, {"persons": persons})
        cursor.execute("ANALYZE other_golden")
        cursor.execute(END, {"at": at})
        cursor.execute(ADD, {"at": at})


def _lines(conn: Connection, persons: list[UUID]) -> Iterator[Line]:
    for known in attributes(conn, persons):
        for attribute, weighed in known.attributes.items():
            explained = explain(weighed, "person", attribute)
            best = explained[0]
            sure = not contested(attribute, weighed)
            contributors = [
                {"source": one.candidate.source, "record": str(one.candidate.record), "reason": one.reason}
                for one in explained
            ]
            yield (
                known.person,
                attribute,
                orjson.dumps(best.candidate.value if sure else None).decode(),
                best.candidate.source,
                best.candidate.record,
                best.reason if sure else REASON,
                orjson.dumps(contributors, option=orjson.OPT_SORT_KEYS).decode(),
            )
