"""Explain what would be shared about a person under each agreement and why, now or as it was decided at an instant.

Nothing is changed; that somebody asked is on the record. The same policy decides as for a feed. As of an instant it decides
on what Wye knew then and under the texts that were in force then; what was not kept counts as unknown, and unknown withholds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.agreements.in_force import InForce
from wye.agreements.then import standing_then
from wye.audit.append import append
from wye.audit.event import Event
from wye.consent.then import consents_then
from wye.errors import AgreementRefused, UsageError
from wye.identity import history
from wye.identity.known_then import known_then
from wye.identity.merge import records_of
from wye.intake.pending_rows import of_persons
from wye.intake.pending_then import pending_then
from wye.road.admit import admit
from wye.road.decide import Decider
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.people_history import instant_of
from wye.road.protections_then import protections_then
from wye.sharing.cases import admit as compiled
from wye.sharing.decision import Decision
from wye.sharing.facts import Facts, facts_of, onward_parties
from wye.sharing.transforms import key_label
from wye.vocabulary import EventKind

OF_TODAY = (
    "decided by this release of Wye: its rules, the ranks of sources and the tables of law (gateways, prohibitions) are"
    " those of today; what was known of the person and the agreements are those of that instant"
)
NOT_KEPT = (
    "which versions of protections waited unread at that instant was not kept yet: it is unknown, and that withholds"
)

NO_RECORDS = "no record was this person's at that instant; `wye people show --as-of` tells what happened to them"


@dataclass(frozen=True, slots=True)
class Explained:
    """Hold the answer. Most sensitive class: whatever is released; nobody shows more of it than names and reasons."""

    decided: Mapping[str, Decision]
    """By agreement."""
    versions: Mapping[str, str]
    refused: Mapping[str, str]
    """Agreements that are, or were, not in force, and why: nothing is shared under them."""
    pending: tuple[str, ...]
    """What waits unread that may protect the person, in sentences."""
    as_of: datetime | None = None
    held: bool = True
    """False: what was known then was erased since."""
    notes: tuple[str, ...] = ()


def explain(hub: Hub, person: UUID, agreement: str | None = None) -> Explained:
    """Decide as of now; raises UsageError if nobody, or no agreement, is known by that name."""
    if not records_of(hub.conn, person):
        raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
    admit(hub, [person], "explain")
    names = _named(agreement, hub.agreements, hub.refused)
    at = hub.at()
    decided: dict[str, Decision] = {}
    for name in names:
        if name in hub.agreements:
            (one,) = Decider(hub, hub.agreements[name]).decide([person], at)
            decided[name] = one.decision
    pending = tuple(each.words() for each in of_persons(hub.conn, [person])[person])
    _enter(hub, person, "explain", at)
    versions = {name: hub.agreements[name].agreement.version for name in decided}
    return Explained(decided, versions, {name: why for name, why in hub.refused.items() if name in names}, pending)


def explain_then(hub: Hub, person: UUID, as_of: str, agreement: str | None = None) -> Explained:
    """Decide as it was at an instant, or at the end of a day in London; raises UsageError.

    Of a person who was erased since nothing is decided.
    """
    now, at = hub.at(), instant_of(as_of)
    if at > now:
        raise UsageError(f"`{as_of}` is still to come; what is decided now is explained without --as-of")
    admit(hub, [person], "explain")
    with hub.conn.transaction():
        hub.conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # one view of everything that is read
        then = history.as_of(hub.conn, person, at)
        _enter(hub, person, f"explain as of {at.isoformat(timespec='seconds')}", now)
        if not then.held:
            return Explained({}, {}, {}, (), at, held=False)
        standing = standing_then(hub.conn, at)
        names = _named(agreement, standing.in_force, standing.refused)
        facts, pending = _facts(hub, person, [one["record"] for one in then.records], standing.in_force, at)
    decided: dict[str, Decision] = {}
    refused = {name: why for name, why in standing.refused.items() if name in names}
    for name in names:
        if name not in standing.in_force:
            continue
        try:
            decided[name] = _decide(hub, standing.in_force[name], facts, at)
        except AgreementRefused as error:
            refused[name] = f"its signed cases fail under this release of Wye, so nothing can be told: {error}"
    versions = {name: standing.in_force[name].agreement.version for name in decided}
    notes = [OF_TODAY]
    notes += [NOT_KEPT] if facts.unread is None else []
    notes += [] if then.records else [NO_RECORDS]
    return Explained(decided, versions, refused, pending, at, notes=tuple(notes))


def _facts(
    hub: Hub, person: UUID, records: list[UUID], in_force: Mapping[str, InForce], at: datetime
) -> tuple[Facts, tuple[str, ...]]:
    """Gather what could be looked at then."""
    waiting = pending_then(hub.conn, records, at)
    facts = facts_of(
        known_then(hub.conn, person, records, at),
        consents_then(hub.conn, person, records, at),
        onward_parties(each.agreement for each in in_force.values()),
        waiting,
        at,
        protections_then(hub.conn, person, records, at),
    )
    return facts, tuple(each.words() for each in waiting or ())


def _decide(hub: Hub, standing: InForce, facts: Facts, at: datetime) -> Decision:
    policy = compiled(standing, hub.keys.mac_key(key_label(standing.agreement.id)))
    return policy.decide(policy.request(), facts, at)


def _named(agreement: str | None, in_force: Mapping[str, object], refused: Mapping[str, object]) -> list[str]:
    known = sorted({*in_force, *refused})
    if agreement is None:
        return known
    if agreement not in known:
        raise UsageError(f"no agreement `{agreement}`; there are: {', '.join(known) or 'none'}")
    return [agreement]


def _enter(hub: Hub, person: UUID, purpose: str, at: datetime) -> None:
    """Put the look on the record: whoever reads why learns of flags and objections (section 62)."""
    looked = Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose=purpose)
    with hub.conn.transaction():
        append(hub.conn, hub.keys, with_flows(hub.conn, [looked]), at)
