"""Find which relations of a person had, or might have had, a safe-address flag at an instant: as wye.identity.guarded does now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.database import Connection
from wye.store.protections import GuardedRelation, Values

_ROW: LiteralString = "r.recorded_at <= %(at)s AND (r.superseded_at IS NULL OR r.superseded_at > %(at)s)"
_LINK: LiteralString = "l.recorded_at <= %(at)s AND (l.superseded_at IS NULL OR l.superseded_at > %(at)s)"

_RELATED: LiteralString = f"""
WITH tied AS MATERIALIZED (
 SELECT (r.body ->> 'other')::uuid AS record FROM canonical.row r
  WHERE r.subject = ANY(%(records)s) AND {_ROW} AND r.entity = 'relationship' AND r.body ->> 'kind' <> 'duplicate'
 UNION
 SELECT r.subject FROM canonical.row r WHERE r.body ->> 'other' = ANY(%(texts)s) AND {_ROW}
  AND r.entity = 'relationship' AND r.body ->> 'kind' <> 'duplicate'),
related AS MATERIALIZED (
 SELECT DISTINCT l.person FROM tied t JOIN identity.person_link l ON l.record = t.record AND {_LINK}
 WHERE l.person <> %(person)s),
theirs AS MATERIALIZED (
 SELECT l.person, l.record FROM related JOIN identity.person_link l USING (person) WHERE {_LINK})
"""  # noqa: S608  ours

# A flag that stood, what a waiting version stated, and a waiting version of which nobody could, or can, tell what it said.
_FLAGGED: LiteralString = f"""{_RELATED}
SELECT l.person, r.body FROM theirs l JOIN canonical.row r ON r.subject = l.record AND {_ROW}
 AND r.entity = 'flag' AND r.body ->> 'kind' = 'safe-address'
UNION ALL
SELECT l.person, CASE WHEN v.open THEN '{{}}' ELSE one -> 'values' END FROM theirs l
JOIN canonical.pending_protection p ON p.subject = l.record
CROSS JOIN LATERAL (
 SELECT p.unread AS open, p.stated, coalesce(p.noted_at, p.since) AS noted_at, p.cleared_at AS ended_at
 UNION ALL SELECT b.unread OR NOT b.known, b.stated, b.noted_at, b.ended_at
 FROM canonical.pending_protection_before b WHERE (b.value, b.subject) = (p.value, p.subject)) v
LEFT JOIN LATERAL jsonb_array_elements(v.stated) AS one ON NOT v.open
WHERE v.noted_at <= %(at)s AND (v.ended_at IS NULL OR v.ended_at > %(at)s)
 AND (v.open OR (one ->> 'entity' = 'flag' AND one -> 'values' ->> 'kind' = 'safe-address'))"""  # noqa: S608  ours

_ADDRESSES: LiteralString = f"""SELECT l.person, r.body FROM identity.person_link l
JOIN canonical.row r ON r.subject = l.record AND {_ROW} AND r.entity = 'address'
WHERE l.person = ANY(%(persons)s) AND {_LINK}"""  # noqa: S608  ours


def relations_guarded_then(
    conn: Connection, person: UUID, records: Sequence[UUID], at: datetime
) -> tuple[GuardedRelation, ...]:
    """Give the relations of a person who had, or might have had, a flag at an instant, by the records that were theirs then."""
    values = {"person": person, "records": list(records), "texts": [str(each) for each in records], "at": at}
    found = cast("list[tuple[UUID, Values]]", conn.execute(_FLAGGED, values).fetchall())
    homes: dict[UUID, list[Values]] = defaultdict(list)
    asked = {"persons": sorted({other for other, _ in found}), "at": at}
    for other, body in cast("list[tuple[UUID, Values]]", conn.execute(_ADDRESSES, asked).fetchall()) if found else ():
        homes[other].append(body)
    return tuple(GuardedRelation(flag, tuple(homes[other])) for other, flag in found)
