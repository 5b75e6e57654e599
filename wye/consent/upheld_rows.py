"""Store objections that were upheld under an agreement, and say of whose objections that counts: rows are only added.

It stops the agreement for a person as long as any objection of theirs in its scope stands: who says it again need not be
heard again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

from wye.store.consents import HeldConsent
from wye.store.database import Connection
from wye.vocabulary import ConsentKind

# Of whom a word is, as in wye.consent.word_rows: those who have a record of it now, and whose it was.
_OF: LiteralString = """
SELECT l.person, w.scope, u.agreement FROM identity.person_link AS l JOIN sharing.consent_word_record AS r ON r.record = l.record
JOIN sharing.objection_upheld AS u ON u.objection = r.word JOIN sharing.consent_word AS w ON w.id = r.word
WHERE l.superseded_at IS NULL AND l.person = ANY(%(persons)s)
UNION SELECT w.person, w.scope, u.agreement FROM sharing.consent_word AS w
JOIN sharing.objection_upheld AS u ON u.objection = w.id WHERE w.person = ANY(%(persons)s)"""

_THEN: LiteralString = """
SELECT %(person)s::uuid, w.scope, u.agreement FROM sharing.objection_upheld AS u JOIN sharing.consent_word AS w ON w.id = u.objection
WHERE u.decided_at <= %(at)s AND (w.person = %(person)s OR EXISTS (
 SELECT FROM sharing.consent_word_record AS r WHERE r.word = w.id AND r.record = ANY(%(records)s)))"""

Upheld = Mapping[UUID, Mapping[str, frozenset[str]]]
"""By person and scope: the agreements that stop."""


@dataclass(frozen=True, slots=True)
class UpheldRow:
    """Be one objection that was upheld; why is still sealed."""

    id: UUID
    objection: UUID
    agreement: str
    decided_by: str
    decided_at: datetime
    ciphertext: bytes


def insert(conn: Connection, row: UpheldRow) -> None:
    """Add a decision; the table takes one for each objection and agreement."""
    conn.execute(
        "INSERT INTO sharing.objection_upheld (id, objection, agreement, decided_by, decided_at, ciphertext)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (row.id, row.objection, row.agreement, row.decided_by, row.decided_at, row.ciphertext),
    )


def of_objections(conn: Connection, objections: Sequence[UUID]) -> list[UpheldRow]:
    """Find what was upheld of some objections, oldest first."""
    found = conn.execute(
        "SELECT id, objection, agreement, decided_by, decided_at, ciphertext FROM sharing.objection_upheld"
        " WHERE objection = ANY(%s) ORDER BY decided_at, id",
        (list(objections),),
    ).fetchall()
    return [UpheldRow(*row) for row in cast("list[tuple[UUID, UUID, str, str, datetime, bytes]]", found)]


def marked(conn: Connection, held: Mapping[UUID, tuple[HeldConsent, ...]]) -> dict[UUID, tuple[HeldConsent, ...]]:
    """Say with each objection that counts now under which agreements it was upheld."""
    objectors = [person for person, answers in held.items() if any(_objects(one) for one in answers)]
    if not objectors:
        return dict(held)
    return _with(held, _by_person(conn.execute(_OF, {"persons": objectors}).fetchall()))


def marked_then(
    conn: Connection, person: UUID, records: Sequence[UUID], answers: tuple[HeldConsent, ...], at: datetime
) -> tuple[HeldConsent, ...]:
    """Say with each objection that counted at an instant under which agreements it had been upheld by then."""
    if not any(_objects(one) for one in answers):
        return answers
    found = conn.execute(_THEN, {"person": person, "records": list(records), "at": at}).fetchall()
    return _with({person: answers}, _by_person(found))[person]


def _objects(one: HeldConsent) -> bool:
    return one.kind == ConsentKind.OBJECTION and one.given


def _by_person(found: Iterable[object]) -> Upheld:
    upheld: dict[UUID, dict[str, frozenset[str]]] = defaultdict(dict)
    for person, scope, agreement in cast("Iterable[tuple[UUID, str, str]]", found):
        upheld[person][scope] = upheld[person].get(scope, frozenset()) | {agreement}
    return upheld


def _with(held: Mapping[UUID, tuple[HeldConsent, ...]], upheld: Upheld) -> dict[UUID, tuple[HeldConsent, ...]]:
    return {
        person: tuple(
            replace(one, upheld=upheld[person][one.scope])
            if person in upheld and one.scope in upheld[person] and _objects(one)
            else one
            for one in answers
        )
        for person, answers in held.items()
    }
