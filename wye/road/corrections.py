"""Work off the drafts that a parting made: list and show what recipients are told; approve it, or set it aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.identity import parting_rows
from wye.identity.parting_rows import CorrectionDraft, Mixed
from wye.identity.short_id import bounds
from wye.reason import says_nothing
from wye.road.admit import noting_refused, refuse_named
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.parting import Disclosed, told
from wye.sharing.due import mark_due
from wye.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a draft with the disclosures that it is about, as they stand now."""

    draft: CorrectionDraft
    disclosures: tuple[Disclosed, ...]


def drafts(hub: Hub, *, all_states: bool = False) -> list[CorrectionDraft]:
    """List the drafts that wait for a human; they name nobody but by ids."""
    return parting_rows.drafts(hub.conn, all_states=all_states)


def show(hub: Hub, name: str) -> Shown:
    """Show a draft with its disclosures; the consultation of each person is on the record before.

    Raises Restricted, as approve and set_aside do, to an account against which the record of one of them is restricted by name.
    """
    purpose = "people corrections show"
    with noting_refused(hub, purpose), hub.conn.transaction():
        draft = _one(hub, name)
        disclosures = tuple(told(hub, _mixed(hub, draft)))
        _enter(hub, EventKind.CONSULTATION, draft, purpose)
    return Shown(draft, disclosures)


def disclosures(hub: Hub, parting: UUID) -> Sequence[Disclosed]:
    """List again what an unmerge, split or undo listed, as it stands now; the look is on the record."""
    at = hub.at()
    with noting_refused(hub, "people disclosures"), hub.conn.transaction():
        found = told(hub, parting_rows.mixed_of(hub.conn, parting))
        refuse_named(hub, list({each.person for each in found}))
        looks = [
            Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose="people disclosures")
            for person in sorted({each.person for each in found})
        ]
        append(hub.conn, hub.keys, with_flows(hub.conn, looks), at)
    return found


def approve(hub: Hub, name: str, reason: str) -> CorrectionDraft:
    """Approve a draft: its persons are decided again under its agreement. Telling by hand is then done.

    Raises UsageError without a reason, or if it was decided before.
    """
    if says_nothing(reason):
        raise UsageError("say by `--reason` why it is right, and how the recipient was told if no feed leads there")
    at, purpose = hub.at(), "people corrections approve"
    with noting_refused(hub, purpose), hub.conn.transaction():
        draft = _decided(hub, name, "approved", reason.strip(), at)
        mark_due(hub.conn, [each for each in hub.feeds if each == draft.agreement], draft.persons, "correction", at)
        _enter(hub, EventKind.ALTERATION, draft, purpose)
    return draft


def set_aside(hub: Hub, name: str, reason: str) -> CorrectionDraft:
    """Set a draft aside: the recipient is not told, since that is impossible or involves disproportionate effort (Article 19).

    What a feed owes its recipient follows all the same. Raises UsageError without a reason, or if it was decided before.
    """
    if says_nothing(reason):
        raise UsageError(
            "say by `--reason` why the recipient is not told: impossible, disproportionate, or nothing was wrong"
        )
    purpose = "people corrections set-aside"
    with noting_refused(hub, purpose), hub.conn.transaction():
        draft = _decided(hub, name, "set-aside", reason.strip(), hub.at())
        _enter(hub, EventKind.ALTERATION, draft, purpose)
    return draft


def _decided(hub: Hub, name: str, state: str, reason: str, at: datetime) -> CorrectionDraft:
    draft = _one(hub, name)
    if not parting_rows.decide(hub.conn, draft.id, state, hub.actor, reason, at):
        raise UsageError(f"correction `{draft.id}` was decided before; `wye people corrections show` says by whom")
    return draft


def _one(hub: Hub, name: str) -> CorrectionDraft:
    found = parting_rows.draft_between(hub.conn, *bounds(name))
    if len(found) != 1:
        how = "more than one correction begins" if found else "no correction begins"
        raise UsageError(f"{how} with `{name}`; `wye people corrections list` gives their ids")
    return found[0]


def _mixed(hub: Hub, draft: CorrectionDraft) -> list[Mixed]:
    return [each for each in parting_rows.mixed_of(hub.conn, draft.parting) if each.entry in draft.entries]


def _enter(hub: Hub, kind: EventKind, draft: CorrectionDraft, purpose: str) -> None:
    """Write an entry for each person of a draft; raises Restricted if the account is kept from one of them by name."""
    refuse_named(hub, sorted({*draft.persons, *(each.person for each in _mixed(hub, draft))}))
    at = hub.at()
    entries = [
        Event(
            kind=kind,
            at=at,
            actor=hub.actor,
            person=person,
            agreement=draft.agreement,
            recipient=draft.recipient,
            purpose=purpose,
            detail={"correction": str(draft.id)},
        )
        for person in draft.persons
    ]
    append(hub.conn, hub.keys, with_flows(hub.conn, entries), at)
