"""Write the golden attributes of persons: the best value of each, every source that was weighed, and why."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from wye.identity.known import attributes
from wye.identity.survivorship import explain
from wye.store.database import Connection

BATCH = 5_000
"""Persons at a time: bounds memory at any number of persons."""

STAGE = """CREATE TEMP TABLE new_golden (person uuid, attribute text, value jsonb, source text, record uuid, reason text,
 contributors jsonb) ON COMMIT DROP"""

SAME = """n.person = g.person AND n.attribute = g.attribute AND n.value = g.value AND n.source = g.source
 AND n.record = g.record AND n.reason = g.reason AND n.contributors = g.contributors"""

# The instant of a change: `at`, or just after the person's latest, so that no two versions share one.
END = f"""UPDATE identity.golden g SET superseded_at = greatest(%(at)s, g.recorded_at + interval '1 microsecond')
WHERE g.superseded_at IS NULL AND g.person = ANY(%(persons)s)
 AND NOT EXISTS (SELECT FROM new_golden n WHERE {SAME})"""  # noqa: S608  our own text

ADD = f"""INSERT INTO identity.golden (person, attribute, recorded_at, value, source, record, reason, contributors)
SELECT n.person, n.attribute, greatest(%(at)s::timestamptz, last.at + interval '1 microsecond'), n.value, n.source,
 n.record, n.reason, n.contributors
FROM new_golden n LEFT JOIN LATERAL (
 SELECT max(g.recorded_at) AS at FROM identity.golden g WHERE g.person = n.person AND g.attribute = n.attribute) last ON true
WHERE NOT EXISTS (SELECT FROM identity.golden g WHERE g.superseded_at IS NULL AND {SAME})"""  # noqa: S608  our own text

Line = tuple[UUID, str, str, str, UUID, str, str]


def write(conn: Connection, persons: Sequence[UUID], at: datetime) -> None:
    """Weigh each attribute of these persons anew; a version ends, and one begins, only where something changed."""
    for start in range(0, len(persons), BATCH):
        _write(conn, list(persons[start : start + BATCH]), at)


def _write(conn: Connection, persons: list[UUID], at: datetime) -> None:
    lines = list(_lines(conn, persons))  # read before COPY takes the connection
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.new_golden")
        cursor.execute(STAGE)
        with cursor.copy("COPY new_golden FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        cursor.execute("ANALYZE new_golden")
        cursor.execute(END, {"at": at, "persons": persons})
        cursor.execute(ADD, {"at": at})


def _lines(conn: Connection, persons: list[UUID]) -> Iterator[Line]:
    for known in attributes(conn, persons):
        for attribute, weighed in known.attributes.items():
            explained = explain(weighed, "person", attribute)
            best = explained[0]
            contributors = [
                {"source": one.candidate.source, "record": str(one.candidate.record), "reason": one.reason}
                for one in explained
            ]
            yield (
                known.person,
                attribute,
                orjson.dumps(best.candidate.value).decode(),
                best.candidate.source,
                best.candidate.record,
                best.reason,
                orjson.dumps(contributors, option=orjson.OPT_SORT_KEYS).decode(),
            )
