"""Keep what humans said of pairs: the history (`identity.word`), and beside the queue the word in force of each pair."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.identity.words import Pair, Said, Word
from wye.store.database import Connection

# The records that words make one with these, themselves included.
ONE = """WITH RECURSIVE one (record) AS (
 SELECT r FROM unnest(%(records)s::uuid[]) AS r
 UNION
 SELECT CASE WHEN d.record_a = o.record THEN d.record_b ELSE d.record_a END
 FROM one o JOIN identity.doubt d ON (d.record_a = o.record OR d.record_b = o.record) AND d.decision = 'same')"""

IN_FORCE = f"""{ONE} SELECT DISTINCT d.record_a, d.record_b, d.decision, d.event
FROM one o JOIN identity.doubt d ON (d.record_a = o.record OR d.record_b = o.record) AND d.decision IS NOT NULL"""  # noqa: S608  our own text

SPEAK = """INSERT INTO identity.word (record_a, record_b, event, said)
SELECT a, b, %(event)s, %(said)s FROM unnest(%(a)s::uuid[], %(b)s::uuid[]) AS p (a, b) ON CONFLICT DO NOTHING"""

# The newest word of each pair that was not taken back, as it stands now; null where there is none.
STANDING = """WITH standing AS (
 SELECT p.a, p.b, w.said, w.event, w.actor, w.reason, w.at FROM unnest(%(a)s::uuid[], %(b)s::uuid[]) AS p (a, b)
 LEFT JOIN LATERAL (
  SELECT w.said, w.event, e.actor, e.reason, e.at FROM identity.word w JOIN identity.event e ON e.id = w.event
  WHERE w.record_a = p.a AND w.record_b = p.b AND NOT EXISTS (SELECT FROM identity.event u WHERE u.undoes = e.id)
  ORDER BY e.number DESC LIMIT 1) w ON true)"""

FORGET = f"""{STANDING} DELETE FROM identity.doubt d USING standing s
WHERE d.record_a = s.a AND d.record_b = s.b AND s.said IS NULL AND NOT d.queued"""  # noqa: S608  our own text

OPEN_AGAIN = f"""{STANDING} UPDATE identity.doubt d
SET decided_at = NULL, decision = NULL, event = NULL, actor = NULL, reason = NULL
FROM standing s WHERE d.record_a = s.a AND d.record_b = s.b AND s.said IS NULL"""  # noqa: S608  our own text

HOLD = f"""{STANDING} INSERT INTO identity.doubt
 (record_a, record_b, weight, found_at, decided_at, decision, event, actor, reason, queued)
SELECT a, b, 0, at, at, said, event, actor, reason, false FROM standing WHERE said IS NOT NULL
ON CONFLICT (record_a, record_b) DO UPDATE SET decided_at = excluded.decided_at, decision = excluded.decision,
 event = excluded.event, actor = excluded.actor, reason = excluded.reason"""  # noqa: S608  our own text

DROP_LOOKS = """UPDATE identity.second_look s SET state = 'dropped' WHERE state = 'waiting'
AND EXISTS (SELECT FROM identity.event u WHERE u.undoes = s.first_event)"""

UNSETTLE = """WITH records AS (SELECT DISTINCT r FROM unnest(%(records)s::uuid[]) AS r), unsettled AS (
 INSERT INTO identity.unsettled SELECT r FROM records ON CONFLICT DO NOTHING)
INSERT INTO canonical.changed SELECT r, %(at)s FROM records ON CONFLICT (subject) DO NOTHING"""

SETTLE = """DELETE FROM identity.unsettled u USING looked_at w WHERE u.record = w.record RETURNING u.record"""

ANY_SAME = "SELECT 1 FROM identity.doubt WHERE decision = 'same' LIMIT 1"

# Words are few and changed records may be a million: begin at the words.
TIED = """WITH RECURSIVE changed AS (SELECT r FROM unnest(%(records)s::uuid[]) AS r), tied (record) AS (
 (SELECT d.record_a FROM identity.doubt d JOIN changed ON r = d.record_a WHERE d.decision = 'same'
  UNION SELECT d.record_b FROM identity.doubt d JOIN changed ON r = d.record_b WHERE d.decision = 'same')
 UNION
 SELECT CASE WHEN d.record_a = t.record THEN d.record_b ELSE d.record_a END
 FROM tied t JOIN identity.doubt d ON (d.record_a = t.record OR d.record_b = t.record) AND d.decision = 'same')
SELECT record FROM tied JOIN identity.feature USING (record)
UNION SELECT f.record FROM identity.feature f WHERE f.record = ANY(%(unsettled)s)"""


def known(conn: Connection, records: Iterable[UUID]) -> list[Word]:
    """Read the words in force about these records, and about all that words make one with them."""
    found = conn.execute(IN_FORCE, {"records": list(records)}).fetchall()
    return [Word((a, b), said, event) for a, b, said, event in cast("list[tuple[UUID, UUID, Said, UUID]]", found)]


def pairs_of(conn: Connection, event: UUID) -> dict[Said, list[Pair]]:
    """Read the pairs of an event's words, by what it said."""
    rows = conn.execute(
        "SELECT said, record_a, record_b FROM identity.word WHERE event = %s ORDER BY 2, 3", (event,)
    ).fetchall()
    found: dict[Said, list[Pair]] = {"same": [], "different": []}
    for said, a, b in cast("list[tuple[Said, UUID, UUID]]", rows):
        found[said].append((a, b))
    return found


def speak(conn: Connection, event: UUID, pairs: Sequence[Pair], said: Said) -> None:
    """Keep an event's word about pairs; `stand` makes it count."""
    conn.execute(SPEAK, _arrays(pairs) | {"event": event, "said": said})


def stand(conn: Connection, pairs: Sequence[Pair], at: datetime) -> None:
    """Let the newest word of each pair that was not taken back count, and let the next run gather their records anew.

    A pair without any word is as linking left it: back in the queue if linking had asked.
    """
    arrays = _arrays(sorted(set(pairs)))
    for statement in (FORGET, OPEN_AGAIN, HOLD):
        conn.execute(statement, arrays)
    conn.execute(DROP_LOOKS)
    unsettle(conn, [record for pair in pairs for record in pair], at)


def unsettle(conn: Connection, records: Sequence[UUID], at: datetime) -> None:
    """Let the next run of identify gather these records anew."""
    conn.execute(UNSETTLE, {"records": list(records), "at": at})


def to_settle(conn: Connection, changed: Iterable[UUID]) -> set[UUID]:
    """Add to the changed records, of those looked at, the ones of which a word changed, and all that words tie to them."""
    all_changed = set(changed)
    unsettled = [record for (record,) in cast("list[tuple[UUID]]", conn.execute(SETTLE).fetchall())]
    if not unsettled and conn.execute(ANY_SAME).fetchone() is None:
        return all_changed
    values = {"records": [*all_changed, *unsettled], "unsettled": unsettled}
    tied = cast("list[tuple[UUID]]", conn.execute(TIED, values).fetchall())
    return all_changed.union(record for (record,) in tied)


def _arrays(pairs: Sequence[Pair]) -> dict[str, object]:
    return {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}
