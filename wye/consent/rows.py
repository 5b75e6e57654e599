"""Read what people said from the canonical rows and from what staff recorded, through the links in force."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from wye.consent.newest import newest
from wye.consent.upheld_rows import marked
from wye.consent.word_rows import staff_recorded
from wye.store.consents import HeldConsent
from wye.store.database import Connection

_CONSENTS = """
SELECT person, body->>'kind', body->>'scope', (body->>'given')::boolean, body->>'recorded_on', record, source
FROM identity.person_row
WHERE entity = 'consent' AND person = ANY(%s)
"""


def consents_of(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, tuple[HeldConsent, ...]]:
    """Give each person's answers that count, objections among them; a person without any has an empty tuple."""
    found = source_recorded(conn, persons)
    for person, held in staff_recorded(conn, persons):
        found[person].append(held)
    return marked(conn, {person: newest(held) for person, held in found.items()})


def source_recorded(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, list[HeldConsent]]:
    """Give each person's answers as the sources hold them now, whether they count or not."""
    found: dict[UUID, list[HeldConsent]] = {person: [] for person in persons}
    for person, kind, scope, given, recorded_on, record, source in conn.execute(_CONSENTS, (list(persons),)).fetchall():
        if not isinstance(person, UUID) or not isinstance(record, UUID) or not isinstance(given, bool):
            raise TypeError("a consent row without person, record or answer")
        day = date.fromisoformat(recorded_on) if isinstance(recorded_on, str) else None
        found[person].append(HeldConsent(str(kind), str(scope), given, day, record, str(source)))
    return found
