"""Read what counted of a person's consents and objections at an instant: what sources held and staff had recorded by then."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.consent.newest import newest
from wye.consent.upheld_rows import marked_then
from wye.consent.word_rows import STAFF
from wye.store.consents import HeldConsent
from wye.store.database import Connection

# Said twice, for the two indices: rows that stand have one, rows that ended another.
_SOURCES: LiteralString = """
SELECT body->>'kind', body->>'scope', (body->>'given')::boolean, (body->>'recorded_on')::date, record, source
FROM canonical.row WHERE entity = 'consent' AND subject = ANY(%(records)s) AND recorded_at <= %(at)s AND superseded_at IS NULL
UNION ALL SELECT body->>'kind', body->>'scope', (body->>'given')::boolean, (body->>'recorded_on')::date, record, source
FROM canonical.row WHERE entity = 'consent' AND subject = ANY(%(records)s) AND recorded_at <= %(at)s AND superseded_at > %(at)s"""

# As wye.consent.word_rows finds the words of persons now, through the links that stood then.
_WORDS: LiteralString = """
WITH asked AS (
 SELECT r.word FROM sharing.consent_word_record AS r WHERE r.record = ANY(%(records)s)
 UNION SELECT w.id FROM sharing.consent_word AS w WHERE w.person = %(person)s AND w.given = (w.kind = 'objection'))
SELECT w.kind, w.scope, w.given, w.said_on, w.id, %(staff)s
FROM asked AS a JOIN sharing.consent_word AS w ON w.id = a.word
WHERE w.recorded_at <= %(at)s AND (w.given = (w.kind = 'objection') OR (
 SELECT count(DISTINCT o.person) FROM sharing.consent_word_record AS m JOIN identity.person_link AS o
  ON o.record = m.record AND o.recorded_at <= %(at)s AND (o.superseded_at IS NULL OR o.superseded_at > %(at)s)
  WHERE m.word = w.id) = 1)"""


def consents_then(conn: Connection, person: UUID, records: Sequence[UUID], at: datetime) -> tuple[HeldConsent, ...]:
    """Give the answers that counted at an instant, objections among them, by the records that were the person's then."""
    values = {"person": person, "records": list(records), "at": at, "staff": STAFF}
    found = [*conn.execute(_SOURCES, values).fetchall(), *conn.execute(_WORDS, values).fetchall()]
    rows = cast("list[tuple[str, str, bool, date | None, UUID, str]]", found)
    return marked_then(conn, person, records, newest(HeldConsent(*row) for row in rows), at)
