"""Run a version of an agreement over the people of today: what it would newly disclose, and what it would stop.

Nothing is sent, due or kept but the entry that says who looked. Decided by the same policy, facts and consents as a feed,
for everybody who is a subject of this version or of the one in force. Numbers are for many eyes: small ones are hidden.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import orjson

from wye.agreements.days import start_of
from wye.agreements.in_force import InForce, read_agreement
from wye.audit.append import append
from wye.audit.event import Event
from wye.batch import in_hand
from wye.errors import UsageError
from wye.road.decide import Decider
from wye.road.hub import Hub
from wye.sharing.decision import Decision
from wye.sharing.subjects import considered_persons
from wye.small_numbers import told
from wye.vocabulary import EventKind, Outcome

PURPOSE = "agreements preview"
Values = Mapping[str, Counter[bytes]]
"""What one person's disclosure holds: `entity.field` -> its values, each with the number of rows that have it."""


class Moved(NamedTuple):
    """Count people, and values of rows; None stands for a small number of people, with whom the rows are hidden."""

    people: int | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """Say what a version would do today against what is in force."""

    agreement: str
    version: str
    in_force: str | None
    """The version it was compared with; none means that nothing is shared under this agreement now."""
    looked_at: int | None
    newly: Moved
    """People about whom something is disclosed that is not now, and the values."""
    stopped: Moved
    newly_by_field: Mapping[str, Moved]
    stopped_by_field: Mapping[str, Moved]
    withheld: Mapping[str, int | None]
    """Subjects of this version about whom it would release nothing, by the clause that decides."""


@dataclass(slots=True)
class _Tally:
    people: set[UUID] = field(default_factory=set)
    by_field: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    rows: Counter[str] = field(default_factory=Counter)

    def add(self, person: UUID, more: Values, less: Values) -> None:
        """Count what `more` has beyond `less`."""
        for name, values in more.items():
            beyond = (values - less.get(name, Counter())).total()
            if beyond:
                self.people.add(person)
                self.by_field[name].add(person)
                self.rows[name] += beyond

    def moved(self) -> Moved:
        return _moved(len(self.people), self.rows.total())

    def fields(self) -> dict[str, Moved]:
        return {name: _moved(len(people), self.rows[name]) for name, people in sorted(self.by_field.items())}


def preview(hub: Hub, folder: Path, say: Callable[[str], None]) -> Preview:
    """Decide everybody under the version in a folder, signed or not, and under what is in force; raises AgreementRefused
    if the version cannot be read or one of its cases fails.
    """
    loaded = read_agreement(folder)
    if loaded.agreement.aggregates is not None:
        raise UsageError(
            f"`{loaded.agreement.id}` is open data and discloses nobody; `wye agreements publish` shows its tables"
        )
    at = hub.at()
    now = hub.agreements.get(loaded.agreement.id)
    then = Decider(hub, InForce(loaded.agreement, loaded.digest, loaded.folder, loaded.cases.value))
    before = None if now is None else Decider(hub, now)
    people = _subjects(hub, [each for each in (then, before) if each is not None], at)
    newly, stopped, withheld = _Tally(), _Tally(), Counter[str]()
    done = 0
    for batch in _batches(people, hub.settings.batch_rows):
        with in_hand():
            after = _decide(then, batch, max(at, start_of(loaded.agreement.effective)))
            held = _decide(before, batch, at) if before is not None else {}
            for person, decision in after.items():
                says, said = _values(decision), _values(held.get(person))
                newly.add(person, says, said)
                stopped.add(person, said, says)
                if decision.considered and decision.outcome is not Outcome.RELEASE:
                    withheld[decision.clause] += 1
        done += len(batch)
        say(f"{done:,} of {len(people):,} people decided")
    _enter(hub, loaded.agreement.id, loaded.agreement.version, len(people), at)
    return Preview(
        agreement=loaded.agreement.id,
        version=loaded.agreement.version,
        in_force=None if now is None else now.agreement.version,
        looked_at=told(len(people)),
        newly=newly.moved(),
        stopped=stopped.moved(),
        newly_by_field=newly.fields(),
        stopped_by_field=stopped.fields(),
        withheld={clause: told(count) for clause, count in sorted(withheld.items())},
    )


def _subjects(hub: Hub, deciders: list[Decider], at: datetime) -> list[UUID]:
    found: set[UUID] = set()
    for each in deciders:
        found.update(considered_persons(hub.conn, each.agreement, max(at, start_of(each.agreement.effective))))
    return sorted(found)


def _batches(people: list[UUID], size: int) -> Iterator[list[UUID]]:
    for start in range(0, len(people), size):
        yield people[start : start + size]


def _decide(decider: Decider, people: list[UUID], at: datetime) -> dict[UUID, Decision]:
    return {each.person: each.decision for each in decider.decide(people, at)}


def _values(decision: Decision | None) -> Values:
    """Give what a decision discloses; nothing where it withholds."""
    found: dict[str, Counter[bytes]] = defaultdict(Counter)
    if decision is None or decision.outcome is not Outcome.RELEASE:
        return found
    for entity, rows in decision.entities.items():
        for row in rows:
            for name, value in row.items():
                if value is not None:
                    found[f"{entity}.{name}"][orjson.dumps(value, option=orjson.OPT_SORT_KEYS)] += 1
    return found


def _moved(people: int, rows: int) -> Moved:
    """Hide both where people are few; that nothing moves at all may be told: it is what a version that changes words does."""
    if not people:
        return Moved(0, 0)
    shown = told(people)
    return Moved(shown, None if shown is None else told(rows))


def _enter(hub: Hub, agreement: str, version: str, people: int, at: datetime) -> None:
    """Put the look at so many people on the record: it is about nobody by name, and shows nobody."""
    looked = Event(
        kind=EventKind.CONSULTATION,
        at=at,
        actor=hub.actor,
        agreement=agreement,
        version=version,
        purpose=PURPOSE,
        counts={"people": people},
    )
    with hub.conn.transaction():
        append(hub.conn, hub.keys, [looked], at)
