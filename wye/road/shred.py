"""Destroy what is known of a person, so that nobody can read it again and every proof stays valid.

One account asks, another approves; retention must be met, no legal hold stand, nothing be open about the person, every
recipient have given up what it held. What is destroyed is gone from the database at once, and from backups at the horizon
of docs/keys.md. The entry that tells of it stays readable.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from wye.agreements.days import day_of, later
from wye.agreements.in_force import read_agreement
from wye.agreements.keeping import Retention
from wye.agreements.retention import kept_until
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import AgreementRefused, UsageError
from wye.quality.retention import load_retention
from wye.road import shred_rows as rows
from wye.road.agreement_life import kept
from wye.road.flows import all_flows
from wye.road.hub import Hub
from wye.road.shred_rows import Destroyed, Reach, Shred
from wye.vocabulary import EventKind, RetentionStart


@dataclass(frozen=True, slots=True)
class Asked:
    """Tell what a person's shred waits for: each in a sentence; none if it may be approved now."""

    shred: Shred
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Tell what was destroyed, and the entry that says so."""

    shred: UUID
    entry: UUID
    destroyed: Destroyed


def ask(hub: Hub, person: UUID, reason: str) -> Asked:
    """Ask that a person be shredded; another account approves it. Raises UsageError if that cannot be asked."""
    _reason(reason)
    at = hub.at()
    with hub.conn.transaction():
        reached = _reach(hub, person)
        if any(each.state == "asked" for each in rows.shreds(hub.conn, person=person)):
            raise UsageError(f"a shred of `{person}` is asked for already; `wye keys shred list` shows it")
        number = rows.insert_shred(hub.conn, person, reason.strip(), hub.actor, at)
        _tell(hub, person, "keys shred ask", "asked", {"shred": str(number), "why": reason.strip()})
        (shred,) = rows.shreds(hub.conn, request=number)
        return Asked(shred, obstacles(hub, reached))


def withdraw(hub: Hub, request: UUID, reason: str) -> None:
    """No longer ask for a shred; raises UsageError if it is not asked for."""
    _reason(reason)
    with hub.conn.transaction():
        shred = _asked(hub, request)
        rows.withdraw(hub.conn, request, hub.actor, hub.at())
        _tell(hub, shred.person, "keys shred withdraw", "withdrawn", {"shred": str(request), "why": reason.strip()})


def listed(hub: Hub) -> list[Asked]:
    """List every shred, newest first, each that is asked for with what it waits for. Names nobody, shows no value."""
    return [
        Asked(each, obstacles(hub, rows.reach(hub.conn, each.person)) if each.state == "asked" else ())
        for each in rows.shreds(hub.conn)
    ]


def approve(hub: Hub, request: UUID) -> Done:
    """Destroy what another account asked for; raises UsageError, and destroys nothing, if anything stands against it."""
    at = hub.at()
    with hub.conn.transaction():
        shred = _asked(hub, request)
        if shred.asked_by == hub.actor:
            raise UsageError(f"`{hub.actor}` asked for this shred: another account must approve it")
        reached = _reach(hub, shred.person)
        if against := obstacles(hub, reached):
            raise UsageError(f"nothing was destroyed: {'; '.join(against)}")
        flows = all_flows(hub.conn, reached.persons)  # asked before it is destroyed
        destroyed = rows.destroy(hub.conn, request, hub.actor, rows.items(hub.conn, reached), at)
        # About nobody, so that it is under a key of its own, which no shred destroys.
        told = Event(
            kind=EventKind.ERASURE,
            at=at,
            actor=hub.actor,
            flows=flows,
            purpose="keys shred",
            outcome="destroyed",
            counts=asdict(destroyed),
            detail={"shred": str(request), "person": str(shred.person), "asked_by": shred.asked_by},
        )
        (entry,) = append(hub.conn, hub.keys, [told], at)
        rows.note_entry(hub.conn, request, entry.id)
    return Done(request, entry.id, destroyed)


def place_hold(hub: Hub, person: UUID, reason: str) -> UUID:
    """Place a legal hold: while it stands nothing of the person is shredded. Raises UsageError."""
    _reason(reason)
    with hub.conn.transaction():
        _reach(hub, person)
        hold = rows.insert_hold(hub.conn, person, reason.strip(), hub.actor, hub.at())
        _tell(hub, person, "keys hold place", "held", {"hold": str(hold), "why": reason.strip()})
    return hold


def lift_hold(hub: Hub, hold: UUID, reason: str) -> UUID:
    """Lift a legal hold and give its person; raises UsageError if it does not stand."""
    _reason(reason)
    with hub.conn.transaction():
        person = rows.lift_hold(hub.conn, hold, reason.strip(), hub.actor, hub.at())
        if person is None:
            raise UsageError(f"no legal hold `{hold}` stands; `wye keys hold list` shows those that do")
        _tell(hub, person, "keys hold lift", "lifted", {"hold": str(hold), "why": reason.strip()})
    return person


def obstacles(hub: Hub, reached: Reach) -> tuple[str, ...]:
    """Say everything that stands against shredding a person, a sentence each; names nobody and shows no value."""
    found = [
        f"a legal hold stands since {hold.placed_at:%Y-%m-%d} (`{hold.id}`)"
        for hold in rows.holds(hub.conn, persons=reached.persons)
    ]
    found += [f"`{source}` still holds a record" for source in rows.sources_that_hold(hub.conn, reached)]
    found += [f"`{recipient}` {what}" for what, recipient in rows.recalls_open(hub.conn, reached)]
    handed = rows.items(hub.conn, reached)
    matters = rows.open_matters(hub.conn, reached, handed, list(hub.agreements), hub.at())
    found += [f"{count} {what}" for what, count in matters]
    return (*found, *_retention(hub, reached))


def _retention(hub: Hub, reached: Reach) -> list[str]:
    """Say what is kept until which day: by the hub's own minimum, by each agreement something went or came under, by contract."""
    today = day_of(hub.at())
    last = rows.last_known(hub.conn, reached)
    found: list[str] = []

    def check(until: date, what: str) -> None:
        if until >= today:
            found.append(f"{what} keeps it until {until.isoformat()}")

    under = rows.last_under(hub.conn, reached)
    latest = max([day_of(at) for at in under.values()] + ([last] if last else []), default=today)
    check(later(latest, f"P{hub.settings.retention_years}Y"), "the hub's own retention (WYE_RETENTION_YEARS)")
    for agreement, at in under.items():
        retentions = _retentions_of(hub, agreement)
        if not retentions:
            found.append(f"the text of agreement `{agreement}` cannot be read, so its retention is not known")
            continue
        # What the hub cannot see, such as the end of care, was no later than the last thing it knows. A person's messages
        # are shredded as a whole: the item that is kept longest decides.
        until = [
            kept_until(each, day_of(at) if each.start is RetentionStart.RECEIPT else latest) for each in retentions
        ]
        check(max(until), f"agreement `{agreement}`")
    return found + _by_contract(hub, reached)


def _by_contract(hub: Hub, reached: Reach) -> list[str]:
    """Say what the contract of each system that knew the person keeps until which day; nothing is guessed."""
    today, birth = day_of(hub.at()), rows.born(hub.conn, reached)
    found: dict[str, list[str]] = defaultdict(list)
    for known in rows.known_in(hub.conn, reached):
        stated = None
        if known.source in hub.source_names:
            stated = load_retention(hub.connector(known.source).contract, known.source).get(known.stream)
        until = None if stated is None else stated.until(day_of(known.first), day_of(known.last), birth)
        where = f"`{known.source}`"
        if stated is None:
            found[f"no contract of {where} states for how long it is kept:"].append(known.stream)
        elif until is None:
            found[f"no day of birth is known, so for how long is not known: {where}"].append(known.stream)
        elif until >= today:
            kept = f"the contract of {where} keeps until {until.isoformat()} ({stated.words()}):"
            found[kept].append(known.stream)
    return [f"{what} {', '.join(streams)}" for what, streams in found.items()]


def _retentions_of(hub: Hub, agreement: str) -> list[Retention]:
    """Give what every version that was ever enforced says, and the one in its folder."""
    found = [each for text in kept(hub, agreement) for each in text.load().agreement.retentions]
    try:
        found += read_agreement(hub.settings.agreements / agreement).agreement.retentions
    except (AgreementRefused, OSError):
        return found
    return found


def _reach(hub: Hub, person: UUID) -> Reach:
    reached = rows.reach(hub.conn, person)
    if not reached.own:
        raise UsageError(f"no records belong to person `{person}`: unknown, merged into another, or shredded")
    return reached


def _asked(hub: Hub, request: UUID) -> Shred:
    for shred in rows.shreds(hub.conn, request=request):
        if shred.state == "asked":
            return shred
        raise UsageError(f"shred `{request}` is {shred.state}")
    raise UsageError(f"no shred `{request}`; `wye keys shred list` shows them")


def _reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError("give a reason, for the record: the rule or decision, never a name")


def _tell(hub: Hub, person: UUID, purpose: str, outcome: str, detail: Mapping[str, str]) -> None:
    at = hub.at()
    told = Event(
        kind=EventKind.KEY, at=at, actor=hub.actor, person=person, purpose=purpose, outcome=outcome, detail=detail
    )
    append(hub.conn, hub.keys, [told], at)
