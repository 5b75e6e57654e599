"""Admit an account to a person's record, or refuse it, on the record: restrictions are per person and worker.

An account against which a record is restricted (a relation, a conflict of interest, its own record) may do nothing with it. A
record that is restricted against everyone, by staff or by a source's flag, is shown to those alone whom every such restriction
names: no list, nobody. What was refused is an entry of the trail about the person.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.identity.known import candidates
from wye.intake.pending_rows import of_persons
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.sharing.facts import flagged
from wye.sharing.restriction_rows import ACCOUNT, EVERYONE, standing
from wye.vocabulary import EventKind

RESTRICTED = "restricted-record"
"""The kind of a source's flag that restricts, and the clause by which a look is refused."""


class Restricted(UsageError):
    """Say that a record is restricted against the account at work, and who is to be asked."""

    def __init__(self, text: str, persons: Sequence[UUID]) -> None:
        super().__init__(text)
        self.persons = tuple(persons)


def admit(hub: Hub, persons: Sequence[UUID], purpose: str) -> None:
    """Let the account look at persons; raises Restricted, and puts on the record what was refused.

    INVARIANT: called before the transaction in which something is read, so that what it refuses stays on the record.
    """
    _on_record(hub, _named(hub, persons) or _kept_from(hub, persons, hub.at()), purpose)


def admit_work(hub: Hub, persons: Sequence[UUID], purpose: str) -> None:
    """Let the account do work about persons that shows nobody; raises Restricted if a record is restricted against it by name."""
    _on_record(hub, _named(hub, persons), purpose)


def refuse_named(hub: Hub, persons: Sequence[UUID]) -> None:
    """Refuse work amid a transaction, which is then undone; raises Restricted. `noting_refused` puts it on the record."""
    if (refused := _named(hub, persons)) is not None:
        raise refused


@contextmanager
def noting_refused(hub: Hub, purpose: str) -> Iterator[None]:
    """Put on the record what `refuse_named` refuses within, once the transaction in which it did is undone."""
    try:
        yield
    except Restricted as refused:
        note_refused(hub, refused, purpose)
        raise


def note_refused(hub: Hub, refused: Restricted, purpose: str) -> None:
    """Put on the record that an account was refused, in a transaction of its own."""
    at = hub.at()
    with hub.conn.transaction():
        events = [
            Event(
                kind=EventKind.REFUSAL, at=at, actor=hub.actor, person=person, outcome="withhold", purpose=purpose,
                reasons=(RESTRICTED,),
            )
            for person in refused.persons
        ]  # fmt: skip
        append(hub.conn, hub.keys, with_flows(hub.conn, events), at)


def _on_record(hub: Hub, refused: Restricted | None, purpose: str) -> None:
    if refused is not None:
        note_refused(hub, refused, purpose)
        raise refused


def _named(hub: Hub, persons: Sequence[UUID]) -> Restricted | None:
    """Say whether a record is restricted against the account by name; it is told no more than that."""
    found = sorted(
        {each.person for each in standing(hub.conn, persons) if each.against == ACCOUNT and each.name == hub.actor}
    )
    if not found:
        return None
    return Restricted(f"the record is restricted against `{hub.actor}`: somebody else does this, whatever it is", found)


def _kept_from(hub: Hub, persons: Sequence[UUID], at: datetime) -> Restricted | None:
    """Say whether a record is restricted against everyone, and the account is none of those who may look."""
    lists: dict[UUID, list[frozenset[str]]] = {}
    for each in standing(hub.conn, persons):
        if each.against == EVERYONE:
            lists.setdefault(each.person, []).append(frozenset(each.may_look))
    by_flag = _flagged(hub, persons, at)
    refused = sorted(
        person
        for person in {*by_flag, *lists}
        if person not in lists or any(hub.actor not in each for each in lists[person])
    )
    if not refused:
        return None
    may = sorted(frozenset.intersection(*lists[refused[0]])) if refused[0] in lists else []
    ask = f"ask {' or '.join(f'`{one}`' for one in may)}" if may else (
        "another account names who may look: `wye people restrict PERSON --may-look ACCOUNT --reason`"
    )  # fmt: skip
    return Restricted(f"the record is restricted: {ask}", refused)


def _flagged(hub: Hub, persons: Sequence[UUID], at: datetime) -> set[UUID]:
    """Name those whom a source's flag restricts, also by a version that waits."""
    day = day_of(at)
    pending = of_persons(hub.conn, persons)
    return {
        known.person
        for known in candidates(hub.conn, persons)
        if RESTRICTED in flagged(known, pending.get(known.person, ()), day)
    }
