"""Read what was known of a person at an instant: the rows and corrections of their records that stood then.

They are weighed by today's rules and source ranks. The caller names the records: those that history may tell of.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

import orjson
from psycopg.types.json import set_json_loads

from wye.identity.accepted import Accepted
from wye.identity.known import Row, weighed_up
from wye.store.database import Connection
from wye.store.known import PersonKnown

# Said twice, for the two indices: rows that stand have one, rows that ended another.
_ROWS: LiteralString = """SELECT %(person)s::uuid, record, entity, source, controller, observed_at, agreement, body
FROM canonical.row WHERE subject = ANY(%(records)s) AND recorded_at <= %(at)s AND superseded_at IS NULL
UNION ALL SELECT %(person)s::uuid, record, entity, source, controller, observed_at, agreement, body
FROM canonical.row WHERE subject = ANY(%(records)s) AND recorded_at <= %(at)s AND superseded_at > %(at)s"""

_ACCEPTED: LiteralString = """SELECT DISTINCT ON (attribute) id, attribute, value, typed, controller, accepted_at
FROM identity.correction WHERE record = ANY(%(records)s) AND accepted_at <= %(at)s
AND (ended_at IS NULL OR ended_at > %(at)s) ORDER BY attribute, accepted_at DESC, id DESC"""


def known_then(conn: Connection, person: UUID, records: Sequence[UUID], at: datetime) -> PersonKnown:
    """Read what was known of a person at an instant by the records that were theirs then."""
    values = {"person": person, "records": list(records), "at": at}
    with conn.cursor(binary=True) as cursor:
        set_json_loads(orjson.loads, cursor)
        rows = cast("list[Row]", cursor.execute(_ROWS, values).fetchall())
    accepted = cast("list[Any]", conn.execute(_ACCEPTED, values).fetchall())
    return weighed_up(person, rows, [Accepted(*each) for each in accepted])
