"""Move agreements through their life, on the record: enforced for the first time, suspended, put in force again, ended.

Every move is an event with its audit entry in one transaction. The hub itself notes the first time that it enforces a
text, and keeps its bytes: what was in force on a day can be shown years later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wye.agreements import rows
from wye.agreements.days import day_of
from wye.agreements.ending import owing
from wye.agreements.events import AgreementEvent
from wye.agreements.in_force import InForce, Loaded, read_agreement
from wye.agreements.kept import Kept, files_of
from wye.agreements.life import Found, Move, moved, state_of
from wye.agreements.model import Agreement
from wye.agreements.signing import load_signers, signed_offices
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import AgreementRefused, UsageError
from wye.road.hub import Hub
from wye.road.rows import mark_scope_due
from wye.sharing.subjects import considered_persons
from wye.vocabulary import AgreementState, EventKind

FIRST = "first enforced by this hub"


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold where a version in the folder of agreements stands."""

    agreement: Agreement
    state: AgreementState
    signed: tuple[str, ...]
    missing: tuple[str, ...]


def enforce(hub: Hub, standing: InForce) -> None:
    """Note that a text is enforced, the first time: keep its bytes, close the version before it, decide its scope anew.

    Raises AgreementRefused if the version before it is not the one that it says it supersedes.
    """
    if rows.is_kept(hub.conn, standing.digest):
        return
    agreement, at = standing.agreement, hub.at()
    with hub.conn.transaction():
        rows.alone(hub.conn)
        if rows.is_kept(hub.conn, standing.digest):
            return
        before = [each.version for each in kept(hub, agreement.id)]
        if agreement.version in before:
            raise AgreementRefused(
                f"version {agreement.version} of `{agreement.id}` was enforced with another text; a change is a new version"
            )
        if (agreement.supersedes or None) != (before[-1] if before else None) and before:
            raise AgreementRefused(
                f"version {agreement.version} of `{agreement.id}` must say `supersedes: {before[-1]}`: the version before it"
            )
        rows.keep(hub.conn, agreement.id, agreement.version, standing.digest, files_of(standing), hub.actor, at)
        if before:
            _supersede(hub, agreement, before[-1], at)
        _record(hub, agreement.id, agreement.version, standing.digest, AgreementState.ACTIVE, FIRST, at)
        _mark_due(hub, agreement, at)


def move(hub: Hub, agreement: str, step: Move, reason: str) -> AgreementState:
    """Propose, suspend, resume or end the version in its folder, with a reason; gives its new state.

    Raises AgreementRefused if the version cannot be moved so, UsageError without a reason.
    """
    if not reason.strip():
        raise UsageError("a move needs a reason")
    at = hub.at()
    loaded = read_agreement(hub.settings.agreements / agreement)
    with hub.conn.transaction():
        rows.alone(hub.conn)
        after = moved(stands(hub, loaded, at).state, step)
        if step is Move.RESUME and day_of(at) > loaded.agreement.expires:
            raise AgreementRefused(f"expired after {loaded.agreement.expires}: a newer version is signed instead")
        _record(hub, agreement, loaded.agreement.version, loaded.digest, after, reason.strip(), at)
        if step is Move.RESUME:
            _mark_due(hub, loaded.agreement, at)
        if step is Move.END:
            ask_certificates(hub, loaded.agreement, at)
    hub.renew()
    return after


def stands(hub: Hub, loaded: Loaded, at: datetime) -> Standing:
    """Say in what state the version in a folder is; signatures count only if they fit this very text."""
    agreement, day = loaded.agreement, day_of(at)
    signed = _signed(hub, loaded)
    wanted = [signatory.principal for signatory in agreement.signatories]
    events = [
        event
        for event in rows.events_of(hub.conn, agreement.id)
        if event.version == agreement.version and event.at <= at
    ]
    found = Found(len(wanted), len(signed), begun=day >= agreement.effective, over=day > agreement.expires)
    missing = tuple(office for office in wanted if office not in signed)
    return Standing(agreement, state_of(found, events), signed, missing)


def _signed(hub: Hub, loaded: Loaded) -> tuple[str, ...]:
    settings = hub.settings
    try:
        signers = load_signers(
            settings.agreements, settings.agreements_root, allow_examples=settings.allow_example_signers
        )
    except AgreementRefused:
        return ()
    return signed_offices(loaded.folder, loaded.agreement, loaded.text, signers)


def kept(hub: Hub, agreement: str) -> list[Kept]:
    """List the versions of an agreement that were ever enforced here, oldest first."""
    return [Kept(agreement, *each) for each in rows.kept_texts(hub.conn, agreement)]


def ask_certificates(hub: Hub, agreement: Agreement, at: datetime) -> None:
    """Ask each party that received to certify what it did with what it holds."""
    parties, due_on = owing(agreement, day_of(at))
    rows.ask_certificates(hub.conn, agreement.id, agreement.version, parties, at, due_on)


def _supersede(hub: Hub, newer: Agreement, version: str, at: datetime) -> None:
    """Close the version before, unless it was ended."""
    old: Sequence[AgreementEvent] = [event for event in rows.events_of(hub.conn, newer.id) if event.version == version]
    if old and old[-1].state is not AgreementState.TERMINATED:
        reason = f"version {newer.version} is in force"
        _record(hub, newer.id, version, old[-1].digest, AgreementState.SUPERSEDED, reason, at)


def _record(
    hub: Hub, agreement: str, version: str, digest: bytes, state: AgreementState, reason: str, at: datetime
) -> None:
    rows.record_event(hub.conn, AgreementEvent(agreement, version, digest, state, hub.actor, reason, at))
    told = Event(
        kind=EventKind.AGREEMENT,
        at=at,
        actor=hub.actor,
        agreement=agreement,
        version=version,
        outcome=state.value,
        detail={"digest": digest.hex(), "why": reason},
    )
    append(hub.conn, hub.keys, [told], at)


def _mark_due(hub: Hub, agreement: Agreement, at: datetime) -> None:
    """Let everybody in scope, and everybody of whom the recipient holds something, be decided again."""
    if agreement.feeds:
        mark_scope_due(hub.conn, agreement.id, considered_persons(hub.conn, agreement, at), at)
