"""Find entries by keyed tokens and open those that may be read; each look is itself an entry, or it shows nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wye.audit import search_rows
from wye.audit.append import append
from wye.audit.entry import Field, Tokens, terms
from wye.audit.event import Event, read_body
from wye.errors import UsageError
from wye.keys.provider import KeyProvider
from wye.keys.rows import unseal_values
from wye.store.database import Connection
from wye.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """Hold one found entry. `event` is none once its wraps were shredded; `index` is none until it is sequenced."""

    id: UUID
    index: int | None
    staged_at: datetime
    event: Event | None
    destroyed_by: UUID | None = None
    """The entry of the shred by which its values were destroyed."""


def search(
    conn: Connection,
    keys: KeyProvider,
    *,
    person: UUID | None = None,
    nhs_number: str | None = None,
    agreement: str | None = None,
    recipient: str | None = None,
    message: UUID | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    searcher: str,
    purpose: str,
    at: datetime,
) -> list[FoundEntry]:
    """Find the entries that match every given term and were staged from `since` to `until`, oldest first.

    The search appends its own entry (consultation) in the same transaction. Raises UsageError without any term.
    """
    consultation = Event(
        kind=EventKind.CONSULTATION,
        at=at,
        actor=searcher,
        person=person,
        nhs_number=nhs_number,
        agreement=agreement,
        recipient=recipient,
        message=message,
        purpose=purpose,
    )
    asked: list[tuple[Field, str]] = [term for term in terms(consultation) if term[0] != "actor"]
    if actor is not None:
        asked.append(("actor", actor))
    if not asked:
        raise UsageError("a search needs a person, NHS number, agreement, recipient, message or actor")
    tokens = Tokens(keys)
    with conn.transaction():
        found = search_rows.find(conn, [(field, tokens.token(field, term)) for field, term in asked], since, until)
        if person is not None and len(asked) == 1:
            # Under no token of a person: they outlast what was destroyed.
            found += search_rows.erasures(conn, person, since, until)
        entries = _open(conn, keys, found)
        # A search by another term that comes out at one person is about that person, and goes when they are shredded.
        people = {each.event.person for each in entries if each.event and each.event.person}
        about = person or (people.pop() if len(people) == 1 else None)
        append(conn, keys, [replace(consultation, person=about, counts={"found": len(entries)})], at)
    return entries


def show(conn: Connection, keys: KeyProvider, entry: UUID, *, searcher: str, purpose: str, at: datetime) -> FoundEntry:
    """Open one entry by its id, and append the entry that says so; raises UsageError if there is none."""
    with conn.transaction():
        found = _open(conn, keys, search_rows.one(conn, entry))
        if not found:
            raise UsageError(f"no audit entry `{entry}`")
        event = found[0].event
        consultation = Event(
            kind=EventKind.CONSULTATION,
            at=at,
            actor=searcher,
            person=event.person if event else None,
            purpose=purpose,
            detail={"entry": str(entry)},
        )
        append(conn, keys, [consultation], at)
    return found[0]


def _open(conn: Connection, keys: KeyProvider, found: list[search_rows.Found]) -> list[FoundEntry]:
    bodies = unseal_values(conn, keys, {each.entry: each.ciphertext for each in found})
    closed = [each.entry for each in found if each.entry not in bodies]
    destroyed = search_rows.destroyed_by(conn, closed) if closed else {}
    return [
        FoundEntry(
            each.entry,
            each.index,
            each.staged_at,
            read_body(bodies[each.entry]) if each.entry in bodies else None,
            destroyed.get(each.entry),
        )
        for each in found
    ]
