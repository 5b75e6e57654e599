"""Draft what is told to whoever one-off disclosures told of two people as if they were one.

UK GDPR Article 19 makes no difference between a feed and a telephone call: each recipient is told, unless that is impossible or
involves disproportionate effort. No feed leads there, so a human sends the draft, or sets it aside with a reason.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wye.errors import UsageError
from wye.identity import parting_rows
from wye.identity.parting_rows import CorrectionDraft, Mixed
from wye.road import disclosed_rows
from wye.road.correction_words import Group, Place, once_words
from wye.road.disclose_once.read import given_to, read_request
from wye.road.hub import Hub
from wye.sharing.one_off import Fact
from wye.store.ids import uuid7


def draft_once(
    hub: Hub, parting: UUID, mixed: Sequence[Mixed], correct: Sequence[UUID], at: datetime, *, sealed: bool
) -> list[CorrectionDraft]:
    """Draft a text for each one-off disclosure among what a parting lists, in the caller's transaction.

    `sealed`: a seal parted them. INVARIANT: then no text says which values were another's: that would name what is sealed.
    """
    told: dict[UUID, list[Mixed]] = defaultdict(list)
    for each in mixed:
        if each.agreement is None and each.message is not None and each.recipient is not None:
            told[each.message].append(each)
    made = []
    for number, entries in sorted(told.items()):
        places = [] if sealed else _places(hub, number, {each.person for each in entries})
        text = once_words(str(entries[0].recipient), number, min(each.at for each in entries), places)
        draft = CorrectionDraft(
            uuid7(), parting, None, str(entries[0].recipient), list(correct), [each.entry for each in entries], text, at,
            "draft",
        )  # fmt: skip
        parting_rows.keep_draft(hub.conn, draft)
        made.append(draft)
    return made


def _places(hub: Hub, number: UUID, persons: set[UUID]) -> list[Place]:
    """Part what was handed over of these persons by whose record each value came from; nothing, if it was destroyed.

    INVARIANT: nothing either if a record of which something was handed over is sealed, or ever was, whoever parted them: a
    sealed record has a person of its own, and would stand under another's name.
    """
    try:
        request = read_request(hub, number)
    except UsageError:
        return []
    given = given_to(hub, number)
    if disclosed_rows.ever_sealed(hub.conn, list({fact.record for facts in given.values() for fact in facts})):
        return []
    return [
        Place(place, _by_person(hub, given.get(place, ()), person))
        for place, person in enumerate(request.persons, start=1)
        if person in persons
    ]


def _by_person(hub: Hub, facts: Sequence[Fact], named: UUID) -> tuple[Group, ...]:
    """Group values by the person whose they are now: first whoever has the id that the request names, then the others."""
    whose = disclosed_rows.whose_now(hub.conn, list({each.record for each in facts}))
    groups: dict[UUID | None, list[Fact]] = {named: []}
    for each in facts:
        groups.setdefault(whose.get(each.record), []).append(each)
    return tuple(Group(person is not None, tuple(held)) for person, held in groups.items())
