"""Put on the record that a disclosure never left, beside the entry that says it was made.

A disclosure has its entry from the moment its message is made ready. When the relay decides again and withholds it, or
puts a newer message in its place, nothing went out: the trail says so by an entry of its own that names the earlier one.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.exchange.outbox import OutboxRow
from wye.road.decide import Decided, Decider
from wye.road.hub import Hub
from wye.vocabulary import EventKind


def note_unsent(
    hub: Hub, decider: Decider, ended: Sequence[tuple[OutboxRow, Decided, UUID | None]], at: datetime
) -> None:
    """Append one entry for each row that ends without having been sent, in the transaction that ends it.

    With each row what was decided again, and the message that takes its place if there is one. INVARIANT: none of
    these rows ever had a number; one that had may have left, and is closed by `void`.
    """
    agreement = decider.agreement
    events = [
        Event(
            kind=EventKind.UNSENT,
            at=at,
            actor=hub.actor,
            person=row.person,
            nhs_number=decided.nhs_number,
            agreement=row.agreement,
            version=row.version,
            recipient=row.partner,
            message=row.id,
            outcome="withheld" if by is None else "superseded",
            purpose=agreement.purpose.code.value,
            reasons=decided.decision.clauses,
            detail={"entry": str(row.audit_id)} | ({} if by is None else {"by": str(by)}),
        )
        for row, decided, by in ended
    ]
    append(hub.conn, hub.keys, events, at)
