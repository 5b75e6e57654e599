"""Keep what was disclosed of two as if they were one, and the drafts that tell recipients so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.store.database import Connection

KEEP = """INSERT INTO identity.mixed_disclosure (parting, entry, message, person, agreement, recipient, at)
SELECT %(parting)s, * FROM unnest(%(entries)s::uuid[], %(messages)s::uuid[], %(persons)s::uuid[], %(agreements)s::text[],
 %(recipients)s::text[], %(ats)s::timestamptz[]) ON CONFLICT DO NOTHING"""

MIXED = """SELECT entry, message, person, agreement, recipient, at FROM identity.mixed_disclosure
WHERE parting = %s ORDER BY at, entry"""

DRAFT = """INSERT INTO identity.correction_draft
 (id, parting, agreement, recipient, persons, entries, words, drafted_at, state)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'draft')"""

COLUMNS = (
    "id, parting, agreement, recipient, persons, entries, words, drafted_at, state, decided_by, reason, decided_at"
)
LIST = f"SELECT {COLUMNS} FROM identity.correction_draft WHERE state = 'draft' OR %s ORDER BY drafted_at, id"  # noqa: S608  our own text
ONE = f"SELECT {COLUMNS} FROM identity.correction_draft WHERE id BETWEEN %s AND %s LIMIT 2"  # noqa: S608  our own text
DECIDE = """UPDATE identity.correction_draft SET state = %s, decided_by = %s, reason = %s, decided_at = %s
WHERE id = %s AND state = 'draft' RETURNING id"""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Hold one disclosure that mixed two people: its audit entry, and the message that carried it (if one did)."""

    entry: UUID
    message: UUID | None
    person: UUID
    agreement: str | None
    recipient: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionDraft:
    """Hold what one recipient has to be told. `persons` are decided again; `words` are for the recipient."""

    id: UUID
    parting: UUID
    agreement: str | None
    """None: of a one-off disclosure, of which no feed tells."""
    recipient: str
    persons: list[UUID]
    entries: list[UUID]
    words: str
    drafted_at: datetime
    state: str
    decided_by: str | None = None
    reason: str | None = None
    decided_at: datetime | None = None


def keep_mixed(conn: Connection, parting: UUID, found: Sequence[Mixed]) -> None:
    """Keep the disclosures with the event that parted the two."""
    conn.execute(
        KEEP,
        {
            "parting": parting,
            "entries": [each.entry for each in found],
            "messages": [each.message for each in found],
            "persons": [each.person for each in found],
            "agreements": [each.agreement for each in found],
            "recipients": [each.recipient for each in found],
            "ats": [each.at for each in found],
        },
    )


def mixed_of(conn: Connection, parting: UUID) -> list[Mixed]:
    """Read the disclosures that were kept with a parting."""
    return [
        Mixed(*row)
        for row in cast("list[tuple[UUID, UUID, UUID, str, str, datetime]]", conn.execute(MIXED, (parting,)).fetchall())
    ]


def keep_draft(conn: Connection, draft: CorrectionDraft) -> None:
    """Keep a new draft."""
    conn.execute(
        DRAFT,
        (draft.id, draft.parting, draft.agreement, draft.recipient, draft.persons, draft.entries, draft.words,
         draft.drafted_at),
    )  # fmt: skip


def drafts(conn: Connection, *, all_states: bool) -> list[CorrectionDraft]:
    """List drafts that wait for a human, oldest first; with `all_states` those decided too."""
    return [CorrectionDraft(*row) for row in conn.execute(LIST, (all_states,)).fetchall()]  # type: ignore[arg-type]  # by the table


def draft_between(conn: Connection, low: UUID, high: UUID) -> list[CorrectionDraft]:
    """Find at most two drafts whose id is in a range."""
    return [CorrectionDraft(*row) for row in conn.execute(ONE, (low, high)).fetchall()]  # type: ignore[arg-type]  # by the table


def decide(conn: Connection, draft: UUID, state: str, by: str, reason: str, at: datetime) -> bool:
    """Note that a human approved a draft (`approved`) or set it aside (`set-aside`); false if it was decided before."""
    return conn.execute(DECIDE, (state, by, reason, at, draft)).fetchone() is not None
