"""Declare whose an account is: the person, if the hub knows one, and the names under which systems know their work.

That somebody who works here is a resident of whom the hub knows is personal data itself. It is sealed for that person, by
whose destruction it goes; only the auditor's login reaches it; nobody declares their own account or ends that; each word
is an entry of the trail about the person.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from wye.agreements.days import day_of
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.keys.provider import KeyProvider
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.road.snooping import rows
from wye.road.snooping.rows import Said
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Account:
    """Hold what is declared of one account. Most sensitive class: personal."""

    name: str
    person: UUID | None
    workers: tuple[str, ...]
    """As sources name them in `involvement.worker`."""
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """Hold every account that is declared; `lost` are those whose declaration nobody can read any more."""

    accounts: tuple[Account, ...]
    lost: tuple[str, ...]


def declare(conn: Connection, keys: KeyProvider, account: Account, reason: str, *, actor: str, at: datetime) -> None:
    """Declare an account, in place of what was declared of it before; raises UsageError."""
    _refuse(account.name, reason, actor)
    if account.person is not None:
        question: dict[str, object] = {
            "own": None,
            "looked": account.person,
            "day": day_of(at),
            "workers": [],
            "teams": [],
        }
        if not rows.compare(conn, [question])[0].known:
            raise UsageError(f"no person `{account.person}` is known; leave `--person` out if the hub knows nobody")
    body: dict[str, object] = {
        "person": account.person,
        "workers": account.workers,
        "teams": account.teams,
        "why": reason.strip(),
    }
    _say(conn, keys, account.name, "declared", account.person, body, reason, actor, at)


def end(conn: Connection, keys: KeyProvider, name: str, reason: str, *, actor: str, at: datetime) -> None:
    """No longer declare an account; raises UsageError if it is not declared."""
    _refuse(name, reason, actor)
    found = register(conn, keys)
    if name not in {*found.lost, *(each.name for each in found.accounts)}:
        raise UsageError(f"no account `{name}` is declared; `wye audit accounts list` shows those that are")
    person = next((each.person for each in found.accounts if each.name == name), None)
    _say(conn, keys, name, "ended", person, {"why": reason.strip()}, reason, actor, at)


def register(conn: Connection, keys: KeyProvider) -> Register:
    """Read every account that is declared."""
    said = [each for each in rows.newest(conn) if each.said == "declared"]
    opened = unseal_values(conn, keys, {each.id: each.ciphertext for each in said})
    accounts = [_read(each.account, opened[each.id]) for each in said if each.id in opened]
    return Register(tuple(accounts), tuple(each.account for each in said if each.id not in opened))


def listed(conn: Connection) -> list[Said]:
    """List who declared which account, and when; whose it is stays sealed."""
    return [each for each in rows.newest(conn) if each.said == "declared"]


def _read(name: str, body: bytes) -> Account:
    held = orjson.loads(body)
    person = UUID(held["person"]) if held["person"] else None
    return Account(name, person, tuple(held["workers"]), tuple(held["teams"]))


def _refuse(account: str, reason: str, actor: str) -> None:
    if not account.strip():
        raise UsageError("name the account")
    if not reason.strip():
        raise UsageError("give a reason, for the record; never a name")
    if account == actor:
        raise UsageError(f"`{account}` is your own account: another account says whose it is")


def _say(
    conn: Connection, keys: KeyProvider, account: str, said: str, person: UUID | None, body: dict[str, object],
    reason: str, actor: str, at: datetime,
) -> None:  # fmt: skip
    number = uuid7()
    sealed = seal(keys, number, person or number, orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
    told = Event(
        kind=EventKind.ALTERATION, at=at, actor=actor, person=person, purpose="audit accounts", outcome=said,
        detail={"account": account, "why": reason.strip()},
    )  # fmt: skip
    with conn.transaction():
        rows.insert(conn, Said(number, account, said, actor, at, sealed.ciphertext))
        insert_wraps(conn, [sealed])
        append(conn, keys, [told], at)
