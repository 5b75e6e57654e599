"""Review an opening, and let its notice go or keep it back: another account than the one that opened. On the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson

from wye.agreements.days import day_of
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.reason import says_nothing
from wye.road.break_glass import rows
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

Finding = Literal["right", "wrong"]
Word = Literal["release", "withhold", "sent"]
MANY = 1000


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold an opening with what came of it, its words opened. Most sensitive class: personal."""

    row: rows.Opening
    relationship: str
    reason: str
    reviews: tuple[tuple[rows.Review, str], ...]
    """With their reasons, oldest first."""
    notice: rows.Notice
    to: tuple[str, ...]
    held_because: tuple[str, ...]


def show(hub: Hub, number: UUID) -> Opened:
    """Show an opening and what came of it; raises UsageError if there is none, or nobody can read it any more."""
    at = hub.at()
    with hub.conn.transaction():
        opened = _opened(hub, number)
        _enter(hub, opened.row, "people glass show", None, at)
    return opened


def review(hub: Hub, number: UUID, finding: Finding, reason: str) -> None:
    """Say whether an opening was right; raises UsageError to the account that opened, or without a reason.

    That it was wrong undoes nothing by itself: what was seen was seen.
    """
    with hub.conn.transaction():
        of, at = _another(hub, number, reason), hub.at()
        sealed = seal(hub.keys, uuid7(), of.person, reason.strip().encode())
        insert_wraps(hub.conn, [sealed])
        rows.insert_review(hub.conn, of, rows.Review(sealed.value, finding, hub.actor, at, sealed.ciphertext))
        _enter(hub, of, "people glass review", finding, at)


def say_of_notice(hub: Hub, number: UUID, word: Word, reason: str) -> str:
    """Let a notice go, keep it back, or note that it was sent; gives its text if it may go. Raises UsageError."""
    with hub.conn.transaction():
        of, at = _another(hub, number, reason), hub.at()
        state = rows.notice_of(hub.conn, number).state
        if state == "sent" or (word == "sent" and state != "to-send"):
            raise UsageError(f"the notice of `{number}` is {state}: `{word}` cannot be said of it")
        sealed = seal(hub.keys, uuid7(), of.person, reason.strip().encode())
        insert_wraps(hub.conn, [sealed])
        notice = rows.notice_of(hub.conn, number).id
        rows.insert_word(hub.conn, of, notice, word, hub.actor, at, sealed.value, sealed.ciphertext)
        _enter(hub, of, "people glass notice", word, at)
    return "" if word == "withhold" else words(hub, of)


def words(hub: Hub, of: rows.Opening) -> str:
    """Write the notice: that somebody looked, when and under what, and whom to ask. Not who, why, or what they saw."""
    title = next((one.agreement.title for name, one in hub.agreements.items() if name == of.agreement), of.agreement)
    ask = hub.settings.data_protection_officer or hub.settings.council_contact or hub.settings.council
    return (
        f"On {day_of(of.opened_at):%d %B %Y} somebody who works with {hub.settings.council} looked at what is held about you"
        f" ({title}). Nobody had put down beforehand that they work with you; they said that it could not wait. Another"
        f" person looks at each such case. You may ask about it, and object: {ask}. Reference: {of.id}"
    )


def _another(hub: Hub, number: UUID, reason: str) -> rows.Opening:
    if says_nothing(reason):
        raise UsageError("`--reason` says nothing: what you looked at, and what is to follow")
    rows.hold_still(hub.conn, number)
    of = _row(hub, number)
    if of.opened_by == hub.actor:
        raise UsageError(f"`{hub.actor}` opened this: another account reviews it and its notice")
    return of


def _row(hub: Hub, number: UUID) -> rows.Opening:
    of = rows.opening(hub.conn, number)
    if of is None:
        raise UsageError(f"no opening `{number}`; `wye people glass list` names them")
    return of


def _opened(hub: Hub, number: UUID) -> Opened:
    of, notice, reviews = _row(hub, number), rows.notice_of(hub.conn, number), rows.reviews_of(hub.conn, number)
    sealed = {of.id: of.ciphertext, notice.id: notice.ciphertext, **{each.id: each.ciphertext for each in reviews}}
    bodies: Mapping[UUID, bytes] = unseal_values(hub.conn, hub.keys, sealed)
    if len(bodies) != len(sealed):
        raise UsageError(f"opening `{number}` is no longer held")
    said, told = orjson.loads(bodies[of.id]), orjson.loads(bodies[notice.id])
    return Opened(
        of, said["relationship"], said["reason"], tuple((each, bodies[each.id].decode()) for each in reviews), notice,
        tuple(told["to"]), tuple(told["held_because"]),
    )  # fmt: skip


def _enter(hub: Hub, of: rows.Opening, purpose: str, outcome: str | None, at: datetime) -> None:
    """Put a look at an opening, or a word on it, on the record of the person."""
    event = Event(
        kind=EventKind.CONSULTATION,
        at=at,
        actor=hub.actor,
        person=of.person,
        agreement=of.agreement,
        version=of.version,
        purpose=purpose,
        outcome=outcome,
        detail={"break_glass": str(of.id)},
    )
    append(hub.conn, hub.keys, with_flows(hub.conn, [event]), at)
