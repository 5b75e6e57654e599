"""Read what became of disclosures: their messages, receipts, and whether the recipient still holds them."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection

# A recipient still holds a message while it is the latest that it was sent of that person.
FATES = """SELECT o.id, o.kind, o.state, r.outcome, s.outbox IS NOT NULL FROM exchange.outbox o
LEFT JOIN exchange.receipt r ON r.outbox = o.id
LEFT JOIN exchange.recipient_state s ON s.outbox = o.id WHERE o.id = ANY(%s)"""

# A request with all that was written of it: what it says was one person's is two people's now.
ONCE = """WITH told AS (SELECT r.id AS request, d.id AS decision FROM sharing.one_off AS r
 LEFT JOIN sharing.one_off_decision AS d ON d.request = r.id JOIN keys.wrap AS w ON w.value = r.id
 WHERE w.holder = %(person)s AND coalesce(d.decided_at, r.noted_at) >= %(since)s AND r.noted_at < %(until)s)
SELECT request FROM told UNION SELECT decision FROM told WHERE decision IS NOT NULL
UNION SELECT v.id FROM told JOIN sharing.one_off_review AS v USING (decision)
UNION SELECT g.id FROM told JOIN sharing.one_off_given AS g USING (decision) JOIN keys.wrap AS w ON w.value = g.id
 WHERE w.holder = %(person)s"""

# By the newest row of a record: what it is about may have been told anew since.
WHOSE = """SELECT DISTINCT ON (r.record) r.record, l.person FROM canonical.row AS r
JOIN identity.person_link AS l ON l.record = r.subject AND l.superseded_at IS NULL
WHERE r.record = ANY(%s) ORDER BY r.record, r.recorded_at DESC"""

# A seal that ended counts too: what was said under it is not told by saying now whose a value was.
SEALED = """SELECT EXISTS (SELECT FROM identity.sealing WHERE record = ANY(%(records)s) OR record IN
 (SELECT subject FROM canonical.row WHERE record = ANY(%(records)s))) OR EXISTS (SELECT FROM identity.sealed_record
 WHERE record IN (SELECT subject FROM canonical.row WHERE record = ANY(%(records)s)))"""

MADE = "SELECT id FROM exchange.outbox WHERE person = %s AND created_at >= %s AND created_at < %s"


def fates(conn: Connection, messages: Sequence[UUID]) -> dict[UUID, tuple[str, str, str | None, bool]]:
    """Read of each message its kind, state, receipt and whether it is held."""
    found = cast("list[tuple[UUID, str, str, str | None, bool]]", conn.execute(FATES, (list(messages),)).fetchall())
    return {message: (kind, state, outcome, held) for message, kind, state, outcome, held in found}


def made_about(conn: Connection, person: UUID, since: datetime, until: datetime) -> list[UUID]:
    """List the messages made about a person in a stretch of time."""
    found = conn.execute(MADE, (person, since, until)).fetchall()
    return [message for (message,) in cast("list[tuple[UUID]]", found)]


def once_about(conn: Connection, person: UUID, since: datetime, until: datetime) -> list[UUID]:
    """List the sealed parts of one-off disclosures asked for or decided about a person in a stretch of time."""
    found = conn.execute(ONCE, {"person": person, "since": since, "until": until}).fetchall()
    return [value for (value,) in cast("list[tuple[UUID]]", found)]


def whose_now(conn: Connection, records: Sequence[UUID]) -> dict[UUID, UUID]:
    """Read of each record the person that it is about, as it stands now; one that cannot be told is not in it."""
    return dict(cast("list[tuple[UUID, UUID]]", conn.execute(WHOSE, (list(records),)).fetchall()))


def ever_sealed(conn: Connection, records: Sequence[UUID]) -> bool:
    """Say whether any of these records is about a former identity that is sealed, or ever was."""
    found = conn.execute(SEALED, {"records": list(records)}).fetchone()
    return found is not None and bool(found[0])
