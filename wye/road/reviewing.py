"""Work off the queue of doubtful pairs, on the record: list, show, decide, put aside, and how well reviewers agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.identity import deciding, queue, second_look_rows
from wye.identity.explaining import Explained, explain
from wye.identity.link_rows import persons_of_records
from wye.identity.objections import objections
from wye.identity.queue import Length, Waiting
from wye.identity.second_look import LABEL, Agreement, agreement, drawn
from wye.identity.side_by_side import SideBySide, side_by_side
from wye.identity.words import Said
from wye.road.admit import noting_refused, refuse_named
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.people import Done, record
from wye.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Page:
    """Hold one page of the queue of the account at work."""

    length: Length
    number: int
    pages: int
    pairs: tuple[tuple[Waiting, Explained | None], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold one pair with all that helps to decide it. Most sensitive class: identifier."""

    waiting: Waiting
    sides: SideBySide
    explained: Explained | None
    objections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Tell what a decision came to; `agreed` is None unless it was a second look."""

    done: Done | None
    agreed: bool | None


@dataclass(frozen=True, slots=True)
class Quality:
    """Hold how well reviewers agree, and where second looks stand."""

    agreement: Agreement
    states: dict[str, int]


def listed(hub: Hub, number: int, size: int) -> Page:
    """List a page of the queue, the likeliest first; each person whose records are compared gets an entry."""
    with hub.conn.transaction():
        length = queue.length(hub.conn, hub.actor)
        found = queue.page(hub.conn, hub.actor, size, number)
        explained = explain(hub.conn, [each.pair for each in found])
        _looked(hub, found, "people review")
    pages = max(1, -(-length.waiting // size))
    return Page(length, number, pages, tuple((each, explained.get(each.pair)) for each in found))


def opened(hub: Hub, name: str) -> Opened:
    """Show both records of a pair with their values; the look at both is on the record before anything is shown.

    Raises UsageError, to an account against which one of the two is restricted too.
    """
    with noting_refused(hub, "people review show"), hub.conn.transaction():
        waiting = queue.find(hub.conn, hub.actor, name)
        refuse_named(hub, _persons(hub, [waiting]))
        sides = side_by_side(hub.conn, waiting.pair)
        explained = explain(hub.conn, [waiting.pair]).get(waiting.pair)
        look = second_look_rows.open_look(hub.conn, waiting.pair)
        # As the first reviewer saw it: whether the two are joined by now would tell the first answer.
        objecting = look.objections if look is not None else objections(hub.conn, waiting.pair)
        _looked(hub, [waiting], "people review show")
    return Opened(waiting, sides, explained, tuple(objecting))


def decide(hub: Hub, name: str, said: Said, reason: str) -> Answer:
    """Decide a pair; raises UsageError if it does not wait for this account, or against another word."""
    at = hub.at()
    with noting_refused(hub, "people review decide"), hub.conn.transaction():
        waiting = queue.find(hub.conn, hub.actor, name)
        refuse_named(hub, _persons(hub, [waiting]))
        twice = drawn(waiting.pair, hub.keys.mac_key(LABEL))
        decided = deciding.decide(hub.conn, waiting, said, reason, hub.actor, at, drawn=twice)
        if decided.spoken is not None:
            return Answer(record(hub, "review decide", decided.spoken, at), decided.agreed)
        _entered(hub, [waiting], EventKind.ALTERATION, "people review decide")
    return Answer(None, decided.agreed)


def skip(hub: Hub, name: str) -> Waiting:
    """Put a pair aside: it comes last in the queue of this account, and only there."""
    with hub.conn.transaction():
        waiting = queue.find(hub.conn, hub.actor, name)
        queue.skip(hub.conn, waiting.pair, hub.actor, hub.at())
    return waiting


def quality(hub: Hub) -> Quality:
    """Tell how well first and second looks agree."""
    return Quality(agreement(second_look_rows.answers(hub.conn)), second_look_rows.counts(hub.conn))


def _looked(hub: Hub, pairs: Sequence[Waiting], purpose: str) -> None:
    _entered(hub, pairs, EventKind.CONSULTATION, purpose)


def _entered(hub: Hub, pairs: Sequence[Waiting], kind: EventKind, purpose: str) -> None:
    at = hub.at()
    entries = [
        Event(kind=kind, at=at, actor=hub.actor, person=person, purpose=purpose) for person in _persons(hub, pairs)
    ]
    append(hub.conn, hub.keys, with_flows(hub.conn, entries), at)


def _persons(hub: Hub, pairs: Sequence[Waiting]) -> list[UUID]:
    records = [each for waiting in pairs for each in waiting.pair]
    return sorted(set(persons_of_records(hub.conn, records).values()))
