"""Keep the SQL of agreements: their events."""

from datetime import datetime

from wye.agreements.events import AgreementEvent
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import AgreementState


def events_of(conn: Connection) -> tuple[AgreementEvent, ...]:
    """Read every event of every agreement, oldest first."""
    rows = conn.execute(
        "SELECT agreement, version, digest, state, actor, reason, at FROM sharing.agreement_event ORDER BY at, id"
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
