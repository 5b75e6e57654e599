"""Note a request for a one-off disclosure, and decide on it: every write with its entries in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from wye.agreements.days import day_of
from wye.errors import UsageError
from wye.keys.holders import add_holder
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.reason import says_nothing
from wye.road.admit import admit_work
from wye.road.disclose_once import entries, rows
from wye.road.disclose_once import request as requests
from wye.road.disclose_once.facts import facts_about, terms_of
from wye.road.disclose_once.package import Package, Told
from wye.road.disclose_once.read import read_request
from wye.road.disclose_once.request import Request
from wye.road.hub import Hub
from wye.sharing.facts import Facts
from wye.sharing.one_off import Protection, Weighed, weigh
from wye.store.ids import uuid7

REVIEW_WITHIN = timedelta(hours=24)
"""By when another account has looked at a decision, to share or not to."""

Overrides = Mapping[Protection, str]
"""By protection, why the decider overrides it for this one disclosure."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Tell what was noted, and what a decision to share would meet, person by person: names of fields, never a value."""

    id: UUID
    weighed: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Tell what was decided. `package` is what may be handed over: none when nothing is shared."""

    id: UUID
    word: str
    review_due: datetime
    package: Package | None
    left_out: tuple[tuple[int, str, str], ...] = ()
    """(place of the person, from 1; field; why)."""


def ask(hub: Hub, request: Request) -> Noted:
    """Note a request that somebody is to decide on; raises UsageError if it cannot be decided on at all."""
    admit_work(hub, request.persons, "disclose ask")
    at = hub.at()
    with hub.conn.transaction():
        number = _note(hub, request, at, emergency=False)
        weighed, _ = _weighed(hub, request, {}, at)
    return Noted(number, weighed)


def now(hub: Hub, request: Request, reasons: str, overrides: Overrides) -> Decided:
    """Note a request and share what it asks at once, in an emergency; raises UsageError, and keeps nothing then."""
    admit_work(hub, request.persons, "disclose now")
    at = hub.at()
    with hub.conn.transaction():
        number = _note(hub, request, at, emergency=True)
        return _share(hub, number, request, reasons, overrides, at)


def share(hub: Hub, number: UUID, reasons: str, overrides: Overrides) -> Decided:
    """Decide to share what a request asks; raises UsageError while anything forbids it or stands against it."""
    admit_work(hub, read_request(hub, number).persons, "disclose decide")
    at = hub.at()
    with hub.conn.transaction():
        return _share(hub, number, _undecided(hub, number), reasons, overrides, at)


def withhold(hub: Hub, number: UUID, reasons: str) -> Decided:
    """Decide not to share; raises UsageError without reasons. It is kept and reviewed as a decision to share is."""
    admit_work(hub, read_request(hub, number).persons, "disclose decide")
    at = hub.at()
    with hub.conn.transaction():
        request = _undecided(hub, number)
        decision = _decision(hub, number, request, "withhold", reasons, {}, at)
        entries.refused(hub, request, number, at)
    return Decided(number, "withhold", decision.review_due, None)


def seal_for(hub: Hub, value: UUID, persons: Sequence[UUID], body: bytes) -> bytes:
    """Seal what is about several people, so that each of them holds it, in the caller's transaction."""
    sealed = seal(hub.keys, value, persons[0], body)
    insert_wraps(hub.conn, [sealed])
    for person in persons[1:]:
        add_holder(hub.conn, hub.keys, [value], person)
    return sealed.ciphertext


def _note(hub: Hub, request: Request, at: datetime, *, emergency: bool) -> UUID:
    requests.check(request, day_of(at))
    facts_about(hub, request.persons, at)
    number = uuid7()
    ciphertext = seal_for(hub, number, request.persons, requests.write(request))
    rows.insert_request(hub.conn, rows.RequestRow(number, hub.actor, at, emergency, ciphertext))
    entries.note(hub, request, number, at, "disclose ask", "asked")
    return number


def _undecided(hub: Hub, number: UUID) -> Request:
    rows.hold_still(hub.conn, number)
    request = read_request(hub, number)
    if (decided := rows.decision_of(hub.conn, number)) is not None:
        raise UsageError(
            f"request `{number}` was decided by `{decided.decided_by}`: {decided.word}; what is needed now is a new request"
        )
    return request


def _weighed(
    hub: Hub, request: Request, overrides: Overrides, at: datetime
) -> tuple[tuple[Weighed, ...], Mapping[UUID, Facts]]:
    facts = facts_about(hub, request.persons, at)
    terms, today = terms_of(hub, request), day_of(at).isoformat()
    return tuple(
        weigh(facts[person], request.wanted(place), terms, frozenset(overrides), today)
        for place, person in enumerate(request.persons)
    ), facts


def _share(hub: Hub, number: UUID, request: Request, reasons: str, overrides: Overrides, at: datetime) -> Decided:
    requests.check(request, day_of(at))  # a power may have ended since it was asked for
    weighed, facts = _weighed(hub, request, overrides, at)
    _check(weighed, overrides)
    decision = _decision(hub, number, request, "share", reasons, overrides, at)
    told, given = [], []
    for place, (person, one) in enumerate(zip(request.persons, weighed, strict=True), start=1):
        if not one.facts:
            continue
        told.append(Told(place, one.facts))
        sealed = seal(hub.keys, uuid7(), person, orjson.dumps([each._asdict() for each in one.facts]))
        insert_wraps(hub.conn, [sealed])
        given.append(rows.GivenRow(sealed.value, decision.id, place, len(one.facts), sealed.ciphertext))
    rows.insert_given(hub.conn, given)
    entries.disclosed(hub, request, number, weighed, facts, at)
    left_out = tuple((place, *each) for place, one in enumerate(weighed, start=1) for each in one.left_out)
    package = Package(number, request, hub.settings.council, hub.actor, at, tuple(told))
    return Decided(number, "share", decision.review_due, package, left_out)


def _check(weighed: Sequence[Weighed], overrides: Overrides) -> None:
    """Refuse while law forbids, a protection stands, or nothing would be handed over; raises UsageError."""
    if forbidden := list(dict.fromkeys(why for one in weighed for why in one.forbidden)):
        raise UsageError(f"nothing may be shared, and nobody can override it: {'; '.join(forbidden)}")
    stands = {
        f"person {place}: {each.text}: to share all the same, `--override {each.protection}=WHY`"
        for place, one in enumerate(weighed, start=1)
        for each in one.stands
    }
    if stands:
        raise UsageError(f"nothing was shared: {'; '.join(sorted(stands))}")
    for protection, why in overrides.items():
        if says_nothing(why):
            raise UsageError(f"`--override {protection}=WHY`: say why, for the record")
    used = {each for one in weighed for each in one.overridden}
    if idle := sorted(set(overrides) - used):
        raise UsageError(f"nothing stands that `--override {idle[0]}` would override; leave it out")
    if not any(one.facts for one in weighed):
        left_out = sorted({f"{name}: {why}" for one in weighed for name, why in one.left_out})
        raise UsageError(f"nothing would be handed over{': ' if left_out else ''}{'; '.join(left_out)}")


def _decision(
    hub: Hub, number: UUID, request: Request, word: str, reasons: str, overrides: Overrides, at: datetime
) -> rows.DecisionRow:
    if says_nothing(reasons):
        raise UsageError("a decision needs its reasons, by `--reason`")
    said = {"reasons": reasons.strip(), "overrides": {key.value: why.strip() for key, why in overrides.items()}}
    decision = uuid7()
    ciphertext = seal_for(hub, decision, request.persons, orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
    row = rows.DecisionRow(decision, number, word, hub.actor, at, at + REVIEW_WITHIN, ciphertext)
    rows.insert_decision(hub.conn, row)
    return row
