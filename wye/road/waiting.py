"""Let people wait while a protection of theirs is unread: nothing new goes out, nothing is withdrawn, one entry says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wye.audit.append import append
from wye.audit.event import Event
from wye.exchange.outbox import bring_forward
from wye.road.hub import Hub
from wye.sharing import rows as sharing_rows
from wye.vocabulary import EventKind

if TYPE_CHECKING:
    from wye.road.decide import Decided, Decider

AGAIN = timedelta(hours=1)
"""How long until a wait is decided again by itself. Whoever is cleared is due at once: this only catches what is not seen."""
CAUSE = "protection unread"
OUTCOME = "wait"
"""What the audit entry of a wait says."""


def settle_waits(hub: Hub, decider: "Decider", decisions: Sequence["Decided"], at: datetime) -> None:
    """Note who begins to wait, with an entry each, and let go of what was put back of those who wait no longer.

    INVARIANT: in the transaction of the decisions; a wait that goes on writes nothing.
    """
    agreement = decider.agreement
    # Whoever waits for the national check of opt-outs is put on no list and has no entry: that would be a mark for ever.
    waits = [each for each in decisions if each.decision.waits and not each.decision.unrecorded]
    fresh = sharing_rows.insert_waits(hub.conn, agreement.id, [each.person for each in waits], at) if waits else set()
    events = [
        Event(
            kind=EventKind.REFUSAL,
            at=at,
            actor=hub.actor,
            person=each.person,
            nhs_number=each.nhs_number,
            agreement=agreement.id,
            version=agreement.version,
            recipient=agreement.recipient,
            outcome=OUTCOME,
            purpose=agreement.purpose.code.value,
            reasons=(each.decision.clause,),
            detail={"record": str(each.decision.reasons[0].record)},
        )
        for each in waits
        if each.person in fresh
    ]
    append(hub.conn, hub.keys, events, at)
    listed = {each.person for each in waits}
    going_on = [each.person for each in decisions if each.person not in listed]
    over = sharing_rows.delete_waits(hub.conn, agreement.id, going_on)
    bring_forward(hub.conn, agreement.id, sorted(over))
