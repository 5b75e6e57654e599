"""Close proposals: taken over by the system, refused by its staff, or with no cause any more; and tell of those taken back."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid5

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import EnvironmentFault, UsageError
from wye.road import proposal_rows
from wye.road.flows import with_flows
from wye.road.handing import reserve, write
from wye.road.hub import Hub
from wye.road.proposal_rows import Closed
from wye.vocabulary import EventKind

STREAM = "proposals"
REFUSED = "the system's staff refused it"


def close(hub: Hub, system: str | None, refused: Sequence[UUID], why: str = REFUSED) -> int:
    """Close what the system took over, what its staff refused, and what there is no cause for; each with its entry."""
    at = hub.at()
    with hub.conn.transaction():
        closed = proposal_rows.close_refused(hub.conn, refused, why, at) if refused else []
        closed += proposal_rows.close_done(hub.conn, system, at)
        for one in closed:
            if one.retract:
                reserve(
                    hub, one.system, STREAM, {uuid5(one.id, "withdrawn"): {"proposal": str(one.id), "withdrawn": True}}
                )
        append(hub.conn, hub.keys, [_answer(hub, one, at) for one in closed], at)
    return len(closed)


def retract(hub: Hub) -> None:
    """Write what tells systems that a proposal is withdrawn, now if they answer; else the next run does.

    It holds no value, so it goes whether or not the agreement under which the proposal went is still in force.
    """
    for system in proposal_rows.reserved(hub.conn, STREAM):
        with suppress(EnvironmentFault):
            write(hub, system, STREAM)


def look_at(hub: Hub, proposal: UUID) -> Mapping[str, object]:
    """Show one proposal, with its entry; raises UsageError if there is none."""
    at = hub.at()
    with hub.conn.transaction():
        found = next(iter(proposal_rows.listed(hub.conn, one=proposal)), None)
        if found is None:
            raise UsageError(f"no proposal `{proposal}`; `wye people proposals list` names them")
        looked = Event(
            kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=found["person"], purpose="proposals show"
        )
        append(hub.conn, hub.keys, with_flows(hub.conn, [looked]), at)
    return found


def refuse(hub: Hub, proposal: UUID, reason: str) -> None:
    """Note that a system's staff refused a proposal; raises UsageError if it waits for no answer."""
    if not reason.strip():
        raise UsageError("a refusal needs a reason")
    found = next(iter(proposal_rows.listed(hub.conn, one=proposal)), None)
    if found is None or found["state"] != "sent":
        raise UsageError(
            f"proposal `{proposal}` waits for no answer; `wye people proposals list --state sent` names who does"
        )
    close(hub, str(found["system"]), [proposal], f"{REFUSED}, told by {hub.actor}: {reason}")


def _answer(hub: Hub, one: Closed, at: datetime) -> Event:
    return Event(
        kind=EventKind.RECEIPT,
        at=at,
        actor=hub.actor,
        person=one.person,
        agreement=one.agreement,
        version=one.version,
        recipient=one.recipient,
        message=one.id,
        outcome=one.state,
        purpose="proposal",
    )
