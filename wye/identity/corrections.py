"""Accept, end and read corrections: what a steward found right of a person's attribute. Statements only; no rule.

`canonical.row` holds a row of entity `correction` beside each that counts, without its value, so that agreements can say
"people of whom a correction was accepted" as they say everything else.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

import orjson

from wye.agreements.days import day_of
from wye.identity.accepted import SAYS, STEWARD, open_of_persons
from wye.store.database import Connection

STREAM = "corrections"

INSERT = """INSERT INTO identity.correction (id, person, record, attribute, value, typed, controller, evidence, reason,
 actor, accepted_at) VALUES (%(id)s, %(person)s, %(record)s, %(attribute)s, %(value)s, %(typed)s, %(controller)s,
 %(evidence)s, %(reason)s, %(actor)s, %(at)s)"""

TELL = """INSERT INTO canonical.row (record, entity, part, recorded_at, subject, source, stream, controller, observed_at,
 body) VALUES (%(id)s, 'correction', 0, %(at)s, %(record)s, %(source)s, %(stream)s, %(controller)s, %(at)s, %(body)s)"""

# Over when every source that says the attribute says the accepted value, and at least one does.
AGREED: LiteralString = f"""WITH said AS (
  SELECT o.id, bool_and({SAYS}) AS agreed
  FROM unnest(%(ids)s::uuid[], %(persons)s::uuid[]) AS n (id, person)
  JOIN identity.correction o ON o.id = n.id
  JOIN identity.person_row r ON r.person = n.person AND r.entity = 'person'
   AND coalesce(r.body ->> o.attribute, '') <> ''
  GROUP BY o.id)
UPDATE identity.correction c SET ended_at = greatest(%(at)s, c.accepted_at), ending = 'agreed', ended_by = 'wye',
 ended_reason = 'every source says it now'
FROM said WHERE said.id = c.id AND said.agreed RETURNING c.id"""  # noqa: S608  ours

WITHDRAW = """UPDATE identity.correction SET ended_at = %(at)s, ending = 'withdrawn', ended_by = %(actor)s,
 ended_reason = %(reason)s WHERE id = %(id)s AND ended_at IS NULL RETURNING id"""

UNTELL = "UPDATE canonical.row SET superseded_at = %(at)s WHERE record = ANY(%(ids)s) AND superseded_at IS NULL"

OF_PERSON = """SELECT c.id, c.attribute, c.value, c.typed, c.reason, c.actor, c.accepted_at, c.record
FROM identity.correction c JOIN identity.person_link l ON l.record = c.record AND l.superseded_at IS NULL
WHERE l.person = %s AND c.ended_at IS NULL ORDER BY c.accepted_at, c.id"""


def insert(conn: Connection, correction: Mapping[str, Any]) -> None:
    """Keep a correction (id, person, record, attribute, value, typed, controller, evidence, reason, actor, at)."""
    at = cast("datetime", correction["at"])
    body = {"attribute": correction["attribute"], "from_date": day_of(at).isoformat()}
    told = {"source": STEWARD, "stream": STREAM, "body": orjson.dumps(body).decode()}
    conn.execute(INSERT, {**correction, "value": orjson.dumps(correction["value"]).decode()})
    conn.execute(TELL, {**correction, **told})


def settle(conn: Connection, persons: Sequence[UUID], at: datetime) -> list[UUID]:
    """End the corrections of these persons that every source agrees with; gives their ids."""
    found = open_of_persons(conn, persons)
    if not found:
        return []
    values = {"ids": [one.id for _, one in found], "persons": [person for person, _ in found], "at": at}
    ended = [row[0] for row in cast("list[Any]", conn.execute(AGREED, values).fetchall())]
    if ended:
        conn.execute(UNTELL, {"ids": ended, "at": at})
    return ended


def withdraw(conn: Connection, correction: UUID, reason: str, actor: str, at: datetime) -> bool:
    """End one correction because a human takes it back; says whether it was open."""
    values = {"id": correction, "reason": reason, "actor": actor, "at": at}
    ended = conn.execute(WITHDRAW, values).fetchone() is not None
    if ended:
        conn.execute(UNTELL, {"ids": [correction], "at": at})
    return ended


def open_of(conn: Connection, person: UUID) -> list[dict[str, Any]]:
    """Read the corrections that count for a person."""
    cursor = conn.execute(OF_PERSON, (person,))
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def person_of(conn: Connection, correction: UUID) -> UUID | None:
    """Find whose a correction is now, or None if there is no such correction."""
    found = conn.execute(
        "SELECT l.person FROM identity.correction c JOIN identity.person_link l ON l.record = c.record"
        " AND l.superseded_at IS NULL WHERE c.id = %s",
        (correction,),
    ).fetchone()
    return cast("UUID | None", found[0] if found else None)
