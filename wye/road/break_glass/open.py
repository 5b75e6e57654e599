"""Break the glass: say which relationship one has that no system tells of, and why, and look for some hours.

The opening, its entry, the notice to whoever is looked at and the first look are one transaction. It lifts the missing
relationship and nothing else: what any other rule withholds stays withheld, and where that is everything nothing is opened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson

from wye.agreements.model import Agreement
from wye.agreements.words import Relationship
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import AgreementRefused, UsageError
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.reason import says_nothing
from wye.road.agreement_life import kept
from wye.road.break_glass import rows
from wye.road.flows import flows_of, with_flows
from wye.road.hub import Hub
from wye.road.open_person import PURPOSE, Looker, Seen, looked, looker
from wye.sharing.facts import Facts
from wye.sharing.notice import held_because
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, Outcome

REVIEW_WITHIN = timedelta(hours=24)
"""By when another account has looked at an opening; the same as for a one-off disclosure."""
HOURS, MOST_HOURS = 1, 8


@dataclass(frozen=True, slots=True)
class Broken:
    """Tell what came of it. Without a `window` nothing was opened: another rule withholds, as the look says."""

    seen: Seen
    held: tuple[str, ...] = ()
    """Why the notice is held; none if it is to be sent."""


def break_glass(
    hub: Hub, person: UUID, agreement: str, relationship: Relationship, reason: str, hours: int = HOURS
) -> Broken:
    """Open a window and look; raises UsageError or AgreementRefused, and keeps nothing then."""
    if says_nothing(reason):
        raise UsageError("`--reason` says nothing: why it cannot wait, for whoever reviews it")
    if not 1 <= hours <= MOST_HOURS:
        raise UsageError(f"`--hours {hours}`: a window lasts from 1 to {MOST_HOURS} hours")
    at = hub.at()
    one = looker(hub, person, agreement, at)
    text = one.decider.agreement
    _check(person, one, relationship)
    with hub.conn.transaction():
        rows.hold_still(hub.conn, person)
        if (open_now := rows.standing(hub.conn, person, hub.actor, agreement, at)) is not None:
            raise UsageError(
                f"your window is open until {open_now.until:%Y-%m-%d %H:%M} UTC: leave `--break-glass` out"
            )
        until = at + timedelta(hours=hours)
        decision = one.decide(until, at)
        seen = Seen(person, text, one.role, None, None, decision)
        if decision.outcome is not Outcome.RELEASE:
            append(hub.conn, hub.keys, with_flows(hub.conn, [looked(hub, seen, at)]), at)
            return Broken(seen)
        body = orjson.dumps({"relationship": relationship.value, "reason": reason.strip()})
        sealed = seal(hub.keys, uuid7(), person, body)
        opening = rows.Opening(
            sealed.value, agreement, text.version, person, hub.actor, at, until, at + REVIEW_WITHIN, sealed.ciphertext
        )
        held = held_because(one.facts, _flows(hub, person))
        told = seal(hub.keys, uuid7(), person, orjson.dumps({"to": _to(hub, one.facts), "held_because": held}))
        insert_wraps(hub.conn, [sealed, told])
        rows.insert(hub.conn, opening)
        rows.insert_notice(hub.conn, opening, told.value, told.ciphertext, held=bool(held))
        seen = Seen(person, text, one.role, None, opening, decision)
        broken = Event(
            kind=EventKind.BREAK_GLASS,
            at=at,
            actor=hub.actor,
            person=person,
            agreement=agreement,
            version=text.version,
            outcome="opened",
            purpose=PURPOSE,
            detail={
                "break_glass": str(opening.id),
                "relationship": relationship.value,
                "until": until.isoformat(),
                "notice": "held" if held else "to-send",
            },
        )
        append(hub.conn, hub.keys, with_flows(hub.conn, [broken, looked(hub, seen, at)]), at)
    return Broken(seen, held)


def _check(person: UUID, one: Looker, relationship: Relationship) -> None:
    text = one.decider.agreement
    if not text.break_glass.permitted or text.relationship is None:
        raise UsageError(f"`{text.id}` lets nobody look without the relationship: {text.break_glass.why}")
    if one.relationship is not None:
        raise UsageError(
            f"a system tells that you are tied to `{person}` ({one.relationship}): leave `--break-glass` out"
        )
    if relationship not in text.relationship.any_of:
        wanted = ", ".join(text.relationship.any_of)
        raise UsageError(f"`--relationship {relationship}` entitles nobody under `{text.id}`; one of: {wanted}")


def _flows(hub: Hub, person: UUID) -> Iterable[Agreement | None]:
    """Give the agreements under which something of the person flows: in force, or as they were kept."""
    for name in flows_of(hub.conn, [person]).get(person, ()):
        if name in hub.agreements:
            yield hub.agreements[name].agreement
            continue
        try:
            yield kept(hub, name)[-1].load().agreement
        except (IndexError, AgreementRefused):
            yield None


def _to(hub: Hub, facts: Facts) -> list[str]:
    """Name to whom the notice goes: the person, and every other controller of what is known of them."""
    known = facts.known
    controllers = {each.controller for one in known.attributes.values() for each in one}
    controllers |= {each.controller for one in known.rows.values() for each in one}
    return ["the person", *sorted(controllers - {hub.settings.council})]
