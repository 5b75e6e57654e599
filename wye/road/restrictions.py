"""Restrict a person's record, lift a restriction and show them: each word and each look is on the record.

A restriction is against everyone but named accounts, against one account, or against one party: it never lets anything leave
that was withheld, so that several stand beside each other. Why it was set is sealed for the person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.consent.opt_out import RECIPIENT
from wye.errors import UsageError
from wye.identity.link_rows import records_of
from wye.identity.rows import ONE_AT_A_TIME
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.road.admit import admit_work
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.protections import mark_with_relations
from wye.sharing import restriction_rows as rows
from wye.sharing.restriction_rows import EVERYONE, Restriction
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

Against = Literal["everyone", "account", "party"]


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a restriction, opened. A reason is none once nobody can read it any more."""

    row: Restriction
    reason: str | None
    lifted_because: str | None


def restrict(hub: Hub, person: UUID, against: Against, name: str | None, may_look: Sequence[str], reason: str) -> UUID:
    """Set a restriction; it counts at once, and the person is decided again under each feed. Raises UsageError."""
    admit_work(hub, [person], "people restrict")
    _check(hub, against, name, may_look, reason)
    at, number = hub.at(), uuid7()
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME)
        records = records_of(hub.conn, person)
        if not records:
            raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
        sealed = seal(hub.keys, number, person, reason.strip().encode())
        insert_wraps(hub.conn, [sealed])
        allowed = tuple(sorted({*may_look}))
        row = Restriction(person, number, against, name, allowed, hub.actor, at, sealed.ciphertext)
        rows.insert(hub.conn, row, records)
        mark_with_relations(hub, [person], "restriction", at)
        _note(hub, [person], EventKind.ALTERATION, "people restrict", "set", {"restriction": str(number)})
    return number


def lift(hub: Hub, restriction: UUID, reason: str) -> tuple[UUID, ...]:
    """Lift a restriction; gives whose it was. Raises UsageError to an account that it keeps out, or without a reason."""
    persons = rows.persons_of(hub.conn, restriction)
    if not persons:
        raise UsageError(f"no restriction `{restriction}`; `wye people restrictions PERSON` names them")
    admit_work(hub, persons, "people unrestrict")
    if not reason.strip():
        raise UsageError("lifting a restriction needs its reasons, by `--reason`")
    at = hub.at()
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME)
        found = next((one for one in rows.standing(hub.conn, persons) if one.id == restriction), None)
        if found is None:
            raise UsageError(f"restriction `{restriction}` was lifted already")
        if found.against == EVERYONE and hub.actor not in {found.set_by, *found.may_look}:
            who = ", ".join(f"`{one}`" for one in sorted({found.set_by, *found.may_look}))
            raise UsageError(f"`{hub.actor}` may not look at this record, so it does not lift that: one of {who} does")
        sealed = seal(hub.keys, uuid7(), found.person, reason.strip().encode())
        insert_wraps(hub.conn, [sealed])
        rows.insert_lifted(hub.conn, restriction, rows.Lifted(sealed.value, hub.actor, at, sealed.ciphertext))
        mark_with_relations(hub, persons, "restriction", at)
        _note(hub, persons, EventKind.ALTERATION, "people unrestrict", "lifted", {"restriction": str(restriction)})
    return tuple(persons)


def show(hub: Hub, person: UUID) -> tuple[Shown, ...]:
    """Show every restriction of a person, those that were lifted too; the look is on the record first. Raises UsageError."""
    admit_work(hub, [person], "people restrictions")
    with hub.conn.transaction():
        if not records_of(hub.conn, person):
            raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
        found = rows.ever(hub.conn, [person])
        _note(hub, [person], EventKind.CONSULTATION, "people restrictions")
        sealed = {one.id: one.ciphertext for one in found}
        sealed |= {one.lifted.id: one.lifted.ciphertext for one in found if one.lifted is not None}
        opened = unseal_values(hub.conn, hub.keys, sealed)
    return tuple(
        Shown(one, _text(opened, one.id), None if one.lifted is None else _text(opened, one.lifted.id)) for one in found
    )


def _check(hub: Hub, against: Against, name: str | None, may_look: Sequence[str], reason: str) -> None:
    if not reason.strip():
        raise UsageError("a restriction needs its reasons, by `--reason`")
    if against == EVERYONE:
        if not may_look or not all(one.strip() for one in may_look):
            raise UsageError("name at least one account that may still look, by `--may-look`: the named human")
        if hub.actor in may_look:
            raise UsageError(f"`{hub.actor}` is your own account: another account names it")
    elif may_look:
        raise UsageError("`--may-look` goes with a restriction against everyone only")
    standing = [each.agreement for each in hub.agreements.values()]
    asked = {RECIPIENT for each in standing if each.national_data_opt_out.applies}
    parties = sorted({each.recipient for each in standing} | asked)
    if against == "party" and name not in parties:
        raise UsageError(f"`{name}` receives nothing under an agreement in force; these do: {', '.join(parties)}")


def _text(opened: Mapping[UUID, bytes], number: UUID) -> str | None:
    return opened[number].decode() if number in opened else None


def _note(
    hub: Hub,
    persons: Sequence[UUID],
    kind: EventKind,
    purpose: str,
    outcome: str | None = None,
    detail: Mapping[str, str] | None = None,
) -> None:
    at = hub.at()
    events = [
        Event(kind=kind, at=at, actor=hub.actor, person=person, outcome=outcome, purpose=purpose, detail=detail or {})
        for person in persons
    ]
    append(hub.conn, hub.keys, with_flows(hub.conn, events), at)
