"""Work off the drafts that a parting made: list and show what recipients are told; approve it, or set it aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.identity import parting_rows
from wye.identity.parting_rows import CorrectionDraft
from wye.identity.short_id import bounds
from wye.reason import says_nothing
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
    """Show a draft with its disclosures; the consultation of each person is on the record before."""
    with hub.conn.transaction():
        draft = _one(hub, name)
        mixed = [each for each in parting_rows.mixed_of(hub.conn, draft.parting) if each.entry in draft.entries]
        disclosures = tuple(told(hub, mixed))
        _enter(hub, EventKind.CONSULTATION, draft, "people corrections show")
    return Shown(draft, disclosures)


def disclosures(hub: Hub, parting: UUID) -> Sequence[Disclosed]:
    """List again what an unmerge, split or undo listed, as it stands now; the look is on the record."""
    at = hub.at()
    with hub.conn.transaction():
        found = told(hub, parting_rows.mixed_of(hub.conn, parting))
        looks = [
            Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose="people disclosures")
            for person in sorted({each.person for each in found})
        ]
        append(hub.conn, hub.keys, with_flows(hub.conn, looks), at)
    return found


def approve(hub: Hub, name: str, reason: str) -> CorrectionDraft:
    """Approve a draft: its persons are decided again under its agreement. Telling by hand is then done.

    Raises UsageError if it was decided before.
    """
    at = hub.at()
    with hub.conn.transaction():
        draft = _decided(hub, name, "approved", reason, at)
        mark_due(hub.conn, [each for each in hub.feeds if each == draft.agreement], draft.persons, "correction", at)
        _enter(hub, EventKind.ALTERATION, draft, "people corrections approve")
    return draft


def set_aside(hub: Hub, name: str, reason: str) -> CorrectionDraft:
    """Set a draft aside: the recipient is not told, since that is impossible or involves disproportionate effort (Article 19).

    What a feed owes its recipient follows all the same. Raises UsageError without a reason, or if it was decided before.
    """
    if says_nothing(reason):
        raise UsageError(
            "say by `--reason` why the recipient is not told: impossible, disproportionate, or nothing was wrong"
        )
    with hub.conn.transaction():
        draft = _decided(hub, name, "set-aside", reason.strip(), hub.at())
        _enter(hub, EventKind.ALTERATION, draft, "people corrections set-aside")
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


def _enter(hub: Hub, kind: EventKind, draft: CorrectionDraft, purpose: str) -> None:
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
