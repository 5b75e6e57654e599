"""Warn before agreements lapse, each step once and on the record: 60, 30, 7 and 1 days before, and when it has."""

import logging
from dataclasses import dataclass, field

from wye.agreements import rows
from wye.agreements.days import day_of
from wye.agreements.in_force import read_agreement
from wye.agreements.lapsing import Lapsing, lapsing
from wye.agreements.model import Agreement
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import AgreementRefused
from wye.road.agreement_life import stands
from wye.road.hub import Hub
from wye.road.rows import count_held
from wye.small_numbers import in_words, told
from wye.vocabulary import AgreementState, EventKind

log = logging.getLogger(__name__)
PRESSING = 7
"""Days before a lapse from which every round alarms."""

LIVE = frozenset({AgreementState.ACTIVE, AgreementState.SUSPENDED, AgreementState.LAPSED, AgreementState.SIGNED})


@dataclass(slots=True)
class Warned:
    """Tell what lapses, and which warnings are new."""

    lapsing: int = 0
    new: list[str] = field(default_factory=list)


def lapses(hub: Hub) -> list[Lapsing]:
    """List what lapses within 60 days or has lapsed, of versions that are signed and neither ended nor replaced."""
    return lapsing(_live(hub), day_of(hub.at()))


def warn_of_lapse(hub: Hub) -> Warned:
    """Give each warning once: an audit entry, and a line in the log that names whom to tell."""
    at, done = hub.at(), Warned()
    for each in lapses(hub):
        done.lapsing += 1
        with hub.conn.transaction():
            if not rows.note_warning(hub.conn, each.agreement, each.version, each.what, each.day, each.step, at):
                continue
            detail = {"what": each.what, "day": each.day.isoformat(), "days_left": str(each.days_left)}
            warned = Event(
                kind=EventKind.AGREEMENT,
                at=at,
                actor=hub.actor,
                agreement=each.agreement,
                version=each.version,
                outcome="lapse-warning",
                detail=detail | ({"tell": each.refer_to} if each.refer_to is not None else {}),
            )
            append(hub.conn, hub.keys, [warned], at)
        told_of = _said(hub, each)
        log.warning("%s", told_of)
        done.new.append(told_of)
    return done


def alarms(hub: Hub) -> list[str]:
    """Say what somebody has to see to now: what lapses within a week, and safeguarding within 60 days."""
    pressing = [each for each in lapses(hub) if each.days_left <= PRESSING or each.refer_to is not None]
    return [f"agreement {_said(hub, each)}" for each in pressing]


def _said(hub: Hub, each: Lapsing) -> str:
    """Say a warning; of a safeguarding agreement that has lapsed, about how many people its recipient is told no more."""
    if each.refer_to is None or each.days_left >= 0 or each.what == "review":
        return str(each)
    people = in_words(told(count_held(hub.conn, each.agreement)))
    return f"{each}: of {people} people nothing new reaches its recipient; who of them needs it is told by hand (`wye disclose`)"


def _live(hub: Hub) -> list[Agreement]:
    found = []
    for path in sorted(hub.settings.agreements.glob("*/agreement.yaml")):
        try:
            loaded = read_agreement(path.parent)
        except AgreementRefused:
            continue  # what cannot be read is refused wherever agreements are used, with every reason
        if stands(hub, loaded, hub.at()).state in LIVE:
            found.append(loaded.agreement)
    return found
