"""Recall: ask every recipient of something for it back, each line on the record, in one transaction.

A recall says that something is to be given up; what the agreement lets go now is decided anew, each correction by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import orjson

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.exchange.outbox import OutboxRow, enqueue
from wye.exchange.rows import reject
from wye.identity.link_rows import records_of
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal, seal_many
from wye.reason import says_nothing
from wye.road.disclose_once.read import read_request
from wye.road.hub import Hub
from wye.road.recall import rows
from wye.road.recall.rows import Held
from wye.sharing.due import mark_due
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, MessageKind, RecallGround

ANSWER_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Say what is to be called back: everything of a person, what one message told, or everything under an agreement."""

    person: UUID | None = None
    message: UUID | None = None
    agreement: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recalled:
    """Tell what was asked for: how many by feed, how many somebody has to tell, and whom a correction may follow."""

    id: UUID
    by_feed: int
    by_hand: int
    decided_anew: int
    cancelled: int
    """Messages that waited and are never sent."""


def recall(
    hub: Hub, wanted: Wanted, ground: RecallGround, asked_by: str, reason: str, within: timedelta = ANSWER_WITHIN
) -> Recalled:
    """Ask for something back, or (rectification) decide anew what each recipient should hold. Raises UsageError.

    While a recall is open nothing new of the person goes to that recipient under that agreement; a rectification holds nothing up.
    """
    _check(wanted, asked_by, reason, within)
    at = hub.at()
    with hub.conn.transaction():
        if wanted.person is not None and not records_of(hub.conn, wanted.person):
            raise UsageError(f"nobody is known as `{wanted.person}`; `wye people find` tells a person's id")
        rectify = ground is RecallGround.RECTIFICATION
        found = _held(hub, wanted, rectify=rectify)
        once = _told_once(hub, wanted, rectify=rectify)
        if not found and not once:
            raise UsageError(
                "no recipient is known to hold any of that, or each was asked already: `wye feeds recall list`"
            )
        number = uuid7()
        said = orjson.dumps({"asked_by": asked_by.strip(), "reason": reason.strip()}, option=orjson.OPT_SORT_KEYS)
        people = {one.person for one in found} | {person for _, person in once}
        sealed = seal(hub.keys, number, people.pop() if len(people) == 1 else number, said)
        insert_wraps(hub.conn, [sealed])
        answer_by = at + within
        rows.insert_recall(hub.conn, number, ground.value, hub.actor, at, answer_by, sealed.ciphertext)
        by_hand: list[tuple[str | None, str, UUID]] = [(None, recipient, person) for recipient, person in once]
        if rectify:
            # Under an agreement that is not in force no correction follows: somebody has to tell the recipient.
            by_hand += [(one.agreement, one.recipient, one.person) for one in found if one.agreement not in hub.feeds]
            anew = _decide_anew(hub, [one for one in found if one.agreement in hub.feeds], at)
            by_feed, cancelled = 0, 0
        else:
            cancelled = _cancel(hub, found, at)
            # What waited may have been all that a recipient would ever have held: nothing is asked back then.
            found = _held(hub, wanted)
            by_feed, anew = _ask_back(hub, number, ground, found, answer_by, at), 0
        _tell_by_hand(hub, number, ground, by_hand, at)
    return Recalled(number, by_feed, len(by_hand), anew, cancelled)


def _check(wanted: Wanted, asked_by: str, reason: str, within: timedelta) -> None:
    if says_nothing(asked_by) or says_nothing(reason):
        raise UsageError("a recall needs who asked for it, by `--asked-by`, and why, by `--reason`")
    if within <= timedelta(0):
        raise UsageError("`--answer-within` is at least one day")
    if sum((wanted.person is not None, wanted.message is not None, wanted.since is not None)) != 1:
        raise UsageError("say what is called back: `--person`, `--disclosure`, or `--agreement` with `--since`")
    if wanted.since is not None and wanted.agreement is None:
        raise UsageError("`--since` goes with `--agreement`: everything that went under it from then on")


def _held(hub: Hub, wanted: Wanted, *, rectify: bool = False) -> list[Held]:
    return rows.held(
        hub.conn, person=wanted.person, message=wanted.message, agreement=wanted.agreement, since=wanted.since,
        rectify=rectify,
    )  # fmt: skip


def _told_once(hub: Hub, wanted: Wanted, *, rectify: bool) -> list[tuple[str, UUID]]:
    """Name whoever was told by a one-off disclosure, each once and unless they were asked already: no feed leads there."""
    if wanted.message is not None:
        requests = rows.given_by(hub.conn, wanted.message)
    elif wanted.person is not None and wanted.agreement is None:
        requests = rows.given_once(hub.conn, wanted.person)
    else:
        requests = []
    told = [
        (opened.recipient, person)
        for opened in (read_request(hub, each) for each in requests)
        for person in (
            opened.persons if wanted.person is None else (wanted.person,)
        )  # parted since, another is named there
    ]
    asked = rows.asked_by_hand(hub.conn, rectify=rectify)
    return [each for each in dict.fromkeys(told) if each not in asked]


def _decide_anew(hub: Hub, found: Sequence[Held], at: datetime) -> int:
    """Mark each due under its agreement: what is right now follows as a correction, if the agreement lets it go."""
    for name in sorted({one.agreement for one in found}):
        mark_due(hub.conn, [name], [one.person for one in found if one.agreement == name], "rectification", at)
    append(
        hub.conn,
        hub.keys,
        [_event(hub, one, EventKind.ALTERATION, None, RecallGround.RECTIFICATION, at) for one in found],
        at,
    )
    return len(found)


def _cancel(hub: Hub, found: Sequence[Held], at: datetime) -> int:
    """End what waits to be sent of them, and say in the trail that it never left."""
    waiting = rows.waiting_of(hub.conn, found)
    reject(hub.conn, {message: "recalled before it was sent" for message, *_ in waiting}, at)
    append(
        hub.conn,
        hub.keys,
        [
            Event(
                kind=EventKind.UNSENT, at=at, actor=hub.actor, person=person, agreement=agreement, version=version,
                recipient=recipient, message=message, outcome="withheld", reasons=("recall",),
                detail={"entry": str(entry)},
            )
            for message, entry, person, agreement, version, recipient in waiting
        ],
        at,
    )  # fmt: skip
    return len(waiting)


def _ask_back(
    hub: Hub, number: UUID, ground: RecallGround, found: Sequence[Held], answer_by: datetime, at: datetime
) -> int:
    if not found:
        return 0
    body = orjson.dumps(
        {"recall": str(number), "ground": ground.value, "answer_by": answer_by.isoformat()}, option=orjson.OPT_SORT_KEYS
    )
    ids = sorted(uuid7() for _ in found)
    events = [
        _event(hub, one, EventKind.DISCLOSURE, message, ground, at, number)
        for one, message in zip(found, ids, strict=True)
    ]
    entries = append(hub.conn, hub.keys, events, at)
    sealed = seal_many(hub.keys, [(message, one.person, body) for one, message in zip(found, ids, strict=True)])
    insert_wraps(hub.conn, sealed)
    digest = sha256(body).digest()
    enqueue(
        hub.conn,
        [
            OutboxRow(
                id=message, agreement=one.agreement, version=one.version, partner=one.recipient, person=one.person,
                subject=one.subject, kind=MessageKind.RECALL.value, sealed=box.ciphertext, body_hash=digest,
                fingerprint=digest, audit_id=entry.id, created_at=at,
            )
            for one, message, box, entry in zip(found, ids, sealed, entries, strict=True)
        ],
    )  # fmt: skip
    rows.insert_lines(
        hub.conn,
        number,
        [(uuid7(), one.agreement, one.recipient, one.person, message) for one, message in zip(found, ids, strict=True)],
    )
    return len(found)


def _tell_by_hand(
    hub: Hub, number: UUID, ground: RecallGround, told: Sequence[tuple[str | None, str, UUID]], at: datetime
) -> None:
    """Note whom somebody has to tell, as (agreement if there was one, recipient, person): no feed leads there."""
    if not told:
        return
    rows.insert_lines(hub.conn, number, [(uuid7(), *each, None) for each in told])
    append(
        hub.conn,
        hub.keys,
        [
            Event(
                kind=EventKind.DISCLOSURE, at=at, actor=hub.actor, person=person, agreement=agreement, recipient=recipient,
                outcome=MessageKind.WITHDRAW.value, purpose="feeds recall", reasons=("recall", ground.value),
                detail={"recall": str(number), "route": "by-hand"},
            )
            for agreement, recipient, person in told
        ],
        at,
    )  # fmt: skip


def _event(
    hub: Hub, one: Held, kind: EventKind, message: UUID | None, ground: RecallGround, at: datetime,
    number: UUID | None = None,
) -> Event:  # fmt: skip
    """Make the entry of one line: as a withdrawal's, it tells that nothing was given away."""
    return Event(
        kind=kind,
        at=at,
        actor=hub.actor,
        person=one.person,
        agreement=one.agreement,
        version=one.version,
        recipient=one.recipient,
        message=message,
        outcome=MessageKind.WITHDRAW.value if kind is EventKind.DISCLOSURE else "due",
        purpose="feeds recall",
        reasons=("recall", ground.value),
        detail={"recall": str(number)} if number is not None else {},
    )
