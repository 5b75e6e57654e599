"""Find suspicious looks in the trail: what `wye audit snooping` tells. By the auditor's login, on the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.audit import search_rows
from wye.audit.append import append
from wye.audit.entry import Tokens
from wye.audit.event import Event, read_body
from wye.keys.provider import KeyProvider
from wye.keys.rows import unseal_values
from wye.road.snooping import rows
from wye.road.snooping.accounts import Account, register
from wye.road.snooping.look import COMPARED, LOOKS, Common, Look, Reason
from wye.road.snooping.rules import judge
from wye.store.database import Connection
from wye.vocabulary import EventKind

LIMITS = (
    "of accounts that are not declared nothing is judged",
    "name, address, relations and who works with whom are compared as the hub knows them now, not as on the day",
    "a friend, a neighbour or a former partner of whom no system knows is found only as a person without a relationship",
    "looks in other systems, and at what was printed or exported, leave no trace here",
    "a suspicion is no proof: cover, duty work and work on a case that no system names look alike",
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Hold one suspicious look and why: by its entry, without the person and without what was seen."""

    look: Look
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suspicions:
    """Hold what was found."""

    looks: int
    """Of declared accounts, at people."""
    unknown: int
    """Of these, at people of whom nothing is known any more: not judged."""
    unread: int
    """Entries of declared accounts that nobody can read any more: not judged."""
    found: tuple[Suspicion, ...]
    undeclared: Mapping[str, int]
    """Accounts that acted and are not declared, each with how many entries it wrote: not judged."""


def snooping(
    conn: Connection, keys: KeyProvider, *, since: datetime, until: datetime, actor: str, purpose: str, at: datetime
) -> Suspicions:
    """Judge every look of the declared accounts from `since` to `until`.

    One entry says that it was asked, with totals; one each is held by the people whose accounts were judged. They are
    written in the same transaction, or nothing is told.
    """
    with conn.transaction():
        known = register(conn, keys)
        tokens = Tokens(keys)
        looks: list[Look] = []
        unread = 0
        for account in known.accounts:
            entries = search_rows.find(conn, [("actor", tokens.token("actor", account.name))], since, until)
            bodies = unseal_values(conn, keys, {each.entry: each.ciphertext for each in entries})
            unread += len(entries) - len(bodies)
            looks += [look for each in entries if (look := _look(each, bodies)) is not None]
        judged = _judged(conn, known.accounts, looks)
        found = tuple(Suspicion(look, reasons) for look, common in judged if (reasons := judge(look, common)))
        declared = {tokens.token("actor", each.name) for each in known.accounts}
        told = Suspicions(
            looks=len(looks),
            unknown=sum(not common.known for _, common in judged),
            unread=unread,
            found=tuple(sorted(found, key=lambda each: (each.look.at, each.look.entry))),
            undeclared=_undeclared(conn, keys, declared, since, until),
        )
        _tell(conn, keys, told, known.accounts, actor, purpose, at)
    return told


def _look(found: search_rows.Found, bodies: Mapping[UUID, bytes]) -> Look | None:
    if found.entry not in bodies:
        return None
    event = read_body(bodies[found.entry])
    if event.person is None or event.kind not in LOOKS or event.outcome == COMPARED:
        return None
    return Look(found.entry, found.index, event.at, event.actor, event.kind, event.purpose, event.person, event.message)


def _judged(conn: Connection, accounts: Sequence[Account], looks: Sequence[Look]) -> list[tuple[Look, Common]]:
    """Find what account and person of each look have in common.

    Whoever works with one person of those that were shown together (the entries of one moment, such as of a household)
    has a reason to have seen the others.
    """
    by_name = {each.name: each for each in accounts}
    asked = {(look.account, look.person, day_of(look.at)) for look in looks}
    questions = sorted(asked, key=str)
    answers = rows.compare(
        conn,
        [
            {
                "own": by_name[account].person, "looked": person, "day": day,
                "workers": by_name[account].workers, "teams": by_name[account].teams,
            }
            for account, person, day in questions
        ],
    )  # fmt: skip
    commons = dict(zip(questions, answers, strict=True))
    judged = [(look, commons[look.account, look.person, day_of(look.at)]) for look in looks]
    worked = {(look.account, look.at) for look, common in judged if common.worked_with}
    return [
        (look, replace(common, worked_with=True) if (look.account, look.at) in worked else common)
        for look, common in judged
    ]


def _undeclared(
    conn: Connection, keys: KeyProvider, declared: set[bytes], since: datetime, until: datetime
) -> dict[str, int]:
    """Name the accounts that acted and are not declared, each read from one of its own entries."""
    found: dict[str, int] = {}
    for token, count, entries in rows.acted(conn, since, until):
        if token in declared:
            continue
        bodies = unseal_values(conn, keys, rows.ciphertexts(conn, entries))
        name = next((read_body(body).actor for body in bodies.values()), "an account whose entries nobody can read")
        found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))


def _tell(
    conn: Connection, keys: KeyProvider, told: Suspicions, accounts: Sequence[Account], actor: str, purpose: str, at: datetime
) -> None:  # fmt: skip
    counts = {"accounts": len(accounts), "looks": told.looks, "suspicious": len(told.found)}
    asked = Event(
        kind=EventKind.CONSULTATION, at=at, actor=actor, purpose=f"audit snooping: {purpose}", outcome=COMPARED,
        counts=counts,
    )  # fmt: skip
    persons = sorted({each.person for each in accounts if each.person is not None})
    append(conn, keys, [asked, *(replace(asked, person=person, counts=None) for person in persons)], at)
