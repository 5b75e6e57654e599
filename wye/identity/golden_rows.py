"""Write golden attributes: every statement of golden records stands here, each set-based."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import LiteralString, cast
from uuid import UUID

import orjson
from psycopg.types.json import set_json_loads

from schemas.catalogue import MARKS, TIES
from wye.identity.survivorship import ONLY
from wye.store.database import Connection

Line = tuple[UUID, str, str, str, UUID, str, list[dict[str, str]]]
"""person, attribute, value, source, record, reason, contributors; the value is JSON (`written`)."""
Held = tuple[UUID, str, object, str, UUID, str, list[dict[str, str]], datetime, bool]
"""The same as it is held, its value read, with the instant from which it was and whether it still is."""

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

# What these persons have, and what had ended but began no earlier than the change.
HELD = """SELECT person, attribute, value, source, record, reason, contributors, recorded_at, superseded_at IS NULL
FROM identity.golden WHERE person = ANY(%(persons)s) AND (superseded_at IS NULL OR recorded_at >= %(at)s)"""

END = """UPDATE identity.golden g SET superseded_at = o.at
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS o (person, attribute, had, at)
WHERE g.person = o.person AND g.attribute = o.attribute AND g.recorded_at = o.had"""

INSTANT = timedelta(microseconds=1)


def known(conn: Connection, persons: Sequence[UUID]) -> set[UUID]:
    """Tell which of these persons ever had a golden attribute."""
    return _set(conn.execute(KNOWN, {"persons": list(persons)}).fetchall())


def begin_alone(conn: Connection, persons: Sequence[UUID], at: datetime) -> set[UUID]:
    """Write the first golden attributes of those of these persons of whom one row speaks; tells which they are."""
    values = {"persons": list(persons), "at": at, "reason": ONLY, "not_attributes": [*MARKS, *TIES]}
    return _set(conn.execute(ALONE, values).fetchall())


def begin(conn: Connection, lines: Iterable[Line], at: Callable[[Line], datetime]) -> None:
    """Write golden attributes, each from its instant. The lines are read before: COPY takes the connection."""
    with conn.cursor() as cursor, cursor.copy(BEGIN) as copy:
        for line in lines:
            copy.write_row((*line[:-1], written(line[-1]), at(line)))


def change(conn: Connection, persons: Sequence[UUID], lines: Iterable[Line], at: datetime) -> None:
    """Put these golden attributes of persons in the place of what they had; what is the same stays as it is.

    The instant of a change is `at`, or just after the attribute's latest, so that no two versions share one.
    """
    said = {line[:2]: line for line in lines}
    since: dict[tuple[UUID, str], datetime] = {}
    ended: list[Held] = []
    for row in _held(conn, persons, at):
        key = row[:2]
        since[key] = max(since.get(key, at), row[7] + INSTANT)
        if not row[8]:
            continue
        if key in said and _same(row, said[key]):
            del said[key]
        else:
            ended.append(row)
    if ended:
        columns = ([row[place] for row in ended] for place in (0, 1, 7))
        conn.execute(END, (*columns, [since[row[:2]] for row in ended]))
    if said:
        begin(conn, said.values(), lambda line: since.get(line[:2], at))


def _held(conn: Connection, persons: Sequence[UUID], at: datetime) -> list[Held]:
    with conn.cursor(binary=True) as cursor:
        set_json_loads(orjson.loads, cursor)
        return cast("list[Held]", cursor.execute(HELD, {"persons": list(persons), "at": at}).fetchall())


def _same(row: Held, line: Line) -> bool:
    return row[3:7] == line[3:] and written(row[2]) == line[2]


def written(value: object) -> str:
    """Write a JSON value as lines hold it, so that equal values are equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _set(rows: Sequence[object]) -> set[UUID]:
    return {person for (person,) in cast("Sequence[tuple[UUID]]", rows)}
