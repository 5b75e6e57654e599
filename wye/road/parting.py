"""Follow up a parting: list each disclosure made while two were one, let both read it, and draft the corrections.

Data Protection Act 2018 section 38(4)-(5) and UK GDPR Article 19: who was sent what is wrong is told without delay.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.audit.event import never_sent
from wye.audit.search import FoundEntry, search
from wye.exchange.pseudonym import pseudonym
from wye.identity import parting_rows
from wye.identity.parting_rows import CorrectionDraft, Mixed
from wye.identity.sealing import Parted
from wye.identity.together import Window, together
from wye.keys.holders import add_holder
from wye.road import disclosed_rows
from wye.road.correction_words import words
from wye.road.hub import Hub
from wye.road.parting_once import draft_once
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, MessageKind

DISCLOSING = (MessageKind.PUT.value, MessageKind.CORRECT.value)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Tell one disclosure made of two as if they were one, and what became of it."""

    entry: UUID
    message: UUID | None
    person: UUID
    agreement: str | None
    recipient: str | None
    at: datetime
    kind: str | None
    state: str | None
    receipt: str | None
    still_held: bool


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """Hold the disclosures that a parting lists, and the drafts that it makes."""

    disclosures: tuple[Disclosed, ...] = ()
    drafts: tuple[CorrectionDraft, ...] = ()


def follow_up(
    hub: Hub, parting: UUID, windows: Sequence[Window], both: Sequence[UUID], correct: Sequence[UUID], at: datetime
) -> FollowedUp:
    """List, wrap and draft in the caller's transaction.

    `both` are the persons who may each read what was made while they were one (nobody new, where a seal parted them);
    `correct` are those to decide again.
    """
    entries: list[FoundEntry] = []
    for window in windows:
        found = [
            each
            for each in search(
                hub.conn, hub.keys, person=window.person, since=window.since, until=window.until,
                searcher=hub.actor, purpose="disclosures while two were one", at=at,
            )
            if each.staged_at < window.until
        ]  # fmt: skip
        entries += found
        sealed = [each.id for each in found]
        sealed += disclosed_rows.made_about(hub.conn, window.person, window.since, window.until)
        sealed += disclosed_rows.once_about(hub.conn, window.person, window.since, window.until)
        for holder in both:
            if holder != window.person:
                add_holder(hub.conn, hub.keys, sealed, holder)
    disclosures = told(hub, _mixed(entries))
    mixed = [Mixed(d.entry, d.message, d.person, d.agreement, d.recipient, d.at) for d in disclosures]
    parting_rows.keep_mixed(hub.conn, parting, mixed)
    drafts = _draft(hub, parting, disclosures, correct, at)
    drafts += draft_once(hub, parting, mixed, correct, at, sealed=not both)
    return FollowedUp(tuple(disclosures), tuple(drafts))


def follow_up_sealing(hub: Hub, parted: Parted, at: datetime) -> FollowedUp:
    """List and draft what was disclosed while a record that is now sealed was of a person, in the caller's transaction.

    INVARIANT: nothing that is kept here names the record or the person that it is of now: the parting has an id of its
    own, nobody else gets to read what was made, and recipients are told of the one person only.
    """
    windows = together(hub.conn, [parted.record], parted.others)
    return follow_up(hub, uuid7(), windows, (), (parted.before,), at)


def told(hub: Hub, mixed: Sequence[Mixed]) -> list[Disclosed]:
    """Tell disclosures with what became of them, as it stands now, oldest first."""
    fates = disclosed_rows.fates(hub.conn, [each.message for each in mixed if each.message])
    unknown = (None, None, None, False)
    return [
        Disclosed(
            each.entry, each.message, each.person, each.agreement, each.recipient, each.at,
            *(fates.get(each.message, unknown) if each.message else unknown),
        )
        for each in sorted(mixed, key=lambda each: (each.at, each.entry))
    ]  # fmt: skip


def _mixed(entries: Sequence[FoundEntry]) -> list[Mixed]:
    """Keep the disclosures among entries: what was only withdrawn, or never sent, disclosed nothing."""
    unsent = never_sent(each.event for each in entries if each.event is not None)
    return [
        Mixed(each.id, event.message, event.person, event.agreement, event.recipient, each.staged_at)
        for each in entries
        if (event := each.event) is not None
        and event.person is not None
        and event.kind in {EventKind.DISCLOSURE, EventKind.ONE_OFF_DISCLOSURE}
        and each.id not in unsent
        and event.outcome != MessageKind.WITHDRAW.value
    ]


def _draft(
    hub: Hub, parting: UUID, disclosures: Sequence[Disclosed], correct: Sequence[UUID], at: datetime
) -> list[CorrectionDraft]:
    """Draft a text for each recipient that holds, under an agreement, something made while two were one."""
    feeds: dict[tuple[str, str], list[Disclosed]] = defaultdict(list)
    for each in disclosures:
        if each.agreement is not None and each.recipient is not None:
            feeds[each.agreement, each.recipient].append(each)
    made = []
    for (agreement, recipient), sent in sorted(feeds.items()):
        if not any(each.still_held for each in sent):
            continue
        key = hub.keys.mac_key(f"pseudonym/{recipient}")
        mixed = sorted({each.person for each in sent if each.still_held})
        text = words(
            recipient,
            agreement,
            [pseudonym(person, key) for person in mixed],
            [pseudonym(person, key) for person in correct if person not in mixed],
            [each.at for each in sent],
            in_force=agreement in hub.agreements,
        )
        draft = CorrectionDraft(
            uuid7(), parting, agreement, recipient, list(correct), [each.entry for each in sent], text, at, "draft"
        )
        parting_rows.keep_draft(hub.conn, draft)
        made.append(draft)
    return made
