"""Write golden attributes: every statement of golden records stands here, each set-based."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

import orjson

from schemas.catalogue import MARKS, TIES
from wye.identity.survivorship import ONLY
from wye.store.database import Connection

Line = tuple[UUID, str, str, str, UUID, str, str]
"""person, attribute, value, source, record, reason, contributors; value and contributors are JSON (`written`)."""
Held = tuple[UUID, str, object, str, UUID, str, object, datetime]
"""The same as it is held, JSON read, with the instant from which it was."""

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

HELD = """SELECT person, attribute, value, source, record, reason, contributors, recorded_at
FROM identity.golden WHERE superseded_at IS NULL AND person = ANY(%(persons)s)"""

# The instant of a change: `at`, or just after the attribute's latest, so that no two versions share one.
END = """UPDATE identity.golden g SET superseded_at = greatest(%(at)s, o.had + interval '1 microsecond')
FROM unnest(%(person)s::uuid[], %(attribute)s::text[], %(had)s::timestamptz[]) AS o (person, attribute, had)
WHERE g.person = o.person AND g.attribute = o.attribute AND g.recorded_at = o.had"""

ADD = """INSERT INTO identity.golden (person, attribute, recorded_at, value, source, record, reason, contributors)
SELECT o.person, o.attribute, greatest(%(at)s::timestamptz, last.at + interval '1 microsecond'), o.value::jsonb, o.source,
 o.record, o.reason, o.contributors::jsonb
FROM unnest(%(person)s::uuid[], %(attribute)s::text[], %(value)s::text[], %(source)s::text[], %(record)s::uuid[],
  %(reason)s::text[], %(contributors)s::text[]) AS o (person, attribute, value, source, record, reason, contributors)
CROSS JOIN LATERAL (
 SELECT max(g.recorded_at) AS at FROM identity.golden g WHERE g.person = o.person AND g.attribute = o.attribute) last"""

COLUMNS = ("person", "attribute", "value", "source", "record", "reason", "contributors")


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
    said = {line[:2]: line for line in lines}
    held = {row[:2]: row for row in cast("list[Held]", conn.execute(HELD, {"persons": list(persons)}).fetchall())}
    same = {key for key, row in held.items() if key in said and _line(row) == said[key]}
    ended = [row for key, row in held.items() if key not in same]
    begun = [line for key, line in said.items() if key not in same]
    if ended:
        conn.execute(END, {"at": at, **_arrays(map(_line, ended)), "had": [row[-1] for row in ended]})
    if begun:
        conn.execute(ADD, {"at": at, **_arrays(begun)})


def _line(row: Held) -> Line:
    person, attribute, value, source, record, reason, contributors, _ = row
    return person, attribute, written(value), source, record, reason, written(contributors)


def written(value: object) -> str:
    """Write a JSON value as lines hold it, so that equal values are equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _arrays(lines: Iterable[Sequence[object]]) -> dict[str, list[object]]:
    """Turn rows of COLUMNS into one array to each."""
    rows = list(lines)
    return {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}


def _set(rows: Sequence[object]) -> set[UUID]:
    return {person for (person,) in cast("Sequence[tuple[UUID]]", rows)}
