"""Keep the SQL of agreements: their events, the texts that were enforced, certificates and warnings."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from psycopg.types.json import Jsonb

from wye.agreements.events import AgreementEvent
from wye.agreements.words import Disposal
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import AgreementState

ONE_AT_A_TIME = 0x57596541
"""Key of the advisory lock under which states of agreements change."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Hold what a party owes, or has given, after an agreement ended."""

    agreement: str
    version: str
    party: str
    asked_at: datetime
    due_on: date
    outcome: Disposal | None
    reference: str | None
    recorded_by: str | None


def events_of(conn: Connection, agreement: str | None = None) -> tuple[AgreementEvent, ...]:
    """Read every event of every agreement, or of one, oldest first."""
    rows = conn.execute(
        "SELECT agreement, version, digest, state, actor, reason, at FROM sharing.agreement_event"
        " WHERE %s::text IS NULL OR agreement = %s ORDER BY at, id",
        (agreement, agreement),
    ).fetchall()
    return tuple(
        AgreementEvent(
            str(agreement), str(version), bytes(digest), AgreementState(str(state)), str(actor), str(reason), at
        )
        for agreement, version, digest, state, actor, reason, at in rows
        if isinstance(digest, bytes) and isinstance(at, datetime)
    )


def record_event(conn: Connection, event: AgreementEvent) -> None:
    """Add one event; state is never changed otherwise."""
    conn.execute(
        "INSERT INTO sharing.agreement_event (id, agreement, version, digest, state, actor, reason, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (uuid7(), event.agreement, event.version, event.digest, event.state, event.actor, event.reason, event.at),
    )


def alone(conn: Connection) -> None:
    """Let nobody else change a state until this transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (ONE_AT_A_TIME,))


def is_kept(conn: Connection, digest: bytes) -> bool:
    """Say whether a text is kept already."""
    return conn.execute("SELECT 1 FROM sharing.agreement_text WHERE digest = %s", (digest,)).fetchone() is not None


def keep(
    conn: Connection, agreement: str, version: str, digest: bytes, files: Mapping[str, bytes], actor: str, at: datetime
) -> None:
    """Keep a text with its signatures and signers, for ever."""
    encoded = {name: base64.b64encode(raw).decode() for name, raw in files.items()}
    conn.execute(
        "INSERT INTO sharing.agreement_text (digest, agreement, version, files, kept_by, kept_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (digest, agreement, version, Jsonb(encoded), actor, at),
    )


def kept_texts(conn: Connection, agreement: str) -> list[tuple[str, bytes, dict[str, bytes], datetime]]:
    """Give what was kept of an agreement, oldest first: version, digest, files, since when."""
    rows = cast("list[tuple[Any, ...]]", conn.execute(
        "SELECT version, digest, files, kept_at FROM sharing.agreement_text WHERE agreement = %s ORDER BY kept_at, version",
        (agreement,),
    ).fetchall())  # fmt: skip
    return [
        (version, bytes(digest), {name: base64.b64decode(text) for name, text in files.items()}, at)
        for version, digest, files, at in rows
    ]


def agreements_kept(conn: Connection) -> list[str]:
    """Name the agreements of which a text was ever enforced here."""
    found = conn.execute("SELECT DISTINCT agreement FROM sharing.agreement_text ORDER BY agreement").fetchall()
    return [str(agreement) for (agreement,) in found]


def ask_certificates(
    conn: Connection, agreement: str, version: str, parties: Sequence[str], at: datetime, due_on: date
) -> None:
    """Note that parties owe a certificate."""
    conn.execute(
        "INSERT INTO sharing.agreement_certificate (agreement, version, party, asked_at, due_on)"
        " SELECT %s, %s, party, %s, %s FROM unnest(%s::text[]) AS party",
        (agreement, version, at, due_on, list(parties)),
    )


def certificates(conn: Connection, agreement: str | None = None) -> list[Certificate]:
    """List certificates owed and given, the first due first."""
    rows = cast("list[tuple[Any, ...]]", conn.execute(
        "SELECT agreement, version, party, asked_at, due_on, outcome, reference, recorded_by"
        " FROM sharing.agreement_certificate WHERE %s::text IS NULL OR agreement = %s"
        " ORDER BY due_on, agreement, version, party",
        (agreement, agreement),
    ).fetchall())  # fmt: skip
    return [
        Certificate(agreement, version, party, asked, due, Disposal(outcome) if outcome else None, reference, by)
        for agreement, version, party, asked, due, outcome, reference, by in rows
    ]


def give_certificate(
    conn: Connection, owed: Certificate, outcome: Disposal, reference: str, by: str, at: datetime
) -> None:
    """Record what a party certified."""
    conn.execute(
        "UPDATE sharing.agreement_certificate SET outcome = %s, reference = %s, recorded_by = %s, recorded_at = %s"
        " WHERE agreement = %s AND version = %s AND party = %s",
        (outcome, reference, by, at, owed.agreement, owed.version, owed.party),
    )


def note_warning(conn: Connection, agreement: str, version: str, what: str, day: date, step: int, at: datetime) -> bool:
    """Note that a warning is given; says whether it was not given before."""
    done = conn.execute(
        "INSERT INTO sharing.lapse_warning (agreement, version, what, day, step, warned_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (agreement, version, what, day, step, at),
    )
    return done.rowcount == 1
