"""Collect what parties certify after an agreement has ended: returned, deleted, or kept under a duty of their own."""

from datetime import datetime

from wye.agreements import rows
from wye.agreements.days import day_of
from wye.agreements.in_force import read_agreement
from wye.agreements.model import Agreement
from wye.agreements.rows import Certificate
from wye.agreements.words import Disposal
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.road.agreement_life import kept
from wye.road.hub import Hub
from wye.vocabulary import EventKind


def certify(hub: Hub, agreement: str, party: str, outcome: Disposal, reference: str) -> Certificate:
    """Record a party's certificate, with its reference, on the record; raises UsageError if none is owed or it does not fit."""
    if not reference.strip():
        raise UsageError(
            "a certificate has a reference: the party's letter, and the law by which it keeps what it keeps"
        )
    at = hub.at()
    with hub.conn.transaction():
        rows.alone(hub.conn)
        owed = [each for each in rows.certificates(hub.conn, agreement) if each.party == party and not each.outcome]
        if not owed:
            raise UsageError(
                f"`{party}` owes no certificate under `{agreement}`; `wye agreements certificates` shows who does"
            )
        text = _text(hub, owed[0])
        if outcome not in text.termination.on_end:
            allowed = ", ".join(text.termination.on_end)
            raise UsageError(f"`{outcome}` is not what `{agreement}` {owed[0].version} allows on ending: {allowed}")
        rows.give_certificate(hub.conn, owed[0], outcome, reference.strip(), hub.actor, at)
        told = Event(
            kind=EventKind.AGREEMENT,
            at=at,
            actor=hub.actor,
            agreement=agreement,
            version=owed[0].version,
            recipient=party,
            outcome=f"certified-{outcome.value}",
            detail={"reference": reference.strip()},
        )
        append(hub.conn, hub.keys, [told], at)
    return next(
        each
        for each in rows.certificates(hub.conn, agreement)
        if (each.version, each.party) == (owed[0].version, party)
    )


def overdue(owed: Certificate, at: datetime) -> bool:
    """Say whether a certificate should have been given by now."""
    return owed.outcome is None and day_of(at) > owed.due_on


def _text(hub: Hub, owed: Certificate) -> Agreement:
    """Read the version that ended: as it was kept, else as it lies in its folder."""
    for each in kept(hub, owed.agreement):
        if each.version == owed.version:
            return each.load().agreement
    return read_agreement(hub.settings.agreements / owed.agreement).agreement
