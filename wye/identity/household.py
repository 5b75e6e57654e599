"""Tell who lives at one door now, and who belongs to whom, as sources say it: each word with its source and since when.

Sources that differ stand side by side; nobody's word is chosen. INVARIANT: whoever has a safe-address flag, a restricted
record or a sealed former identity appears in nobody else's household or relations: neither who they are nor what they are
to this person, and not which of the three it is. A person who has one of them has no household that is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.agreements.periods import LASTING
from wye.errors import UsageError
from wye.identity import household_rows
from wye.identity.door import Door, door_of, is_home
from wye.store.database import Connection

PROTECTING = frozenset({"safe-address", "restricted-record", "former-identity-sealed"})
WITHHELD = "withheld: a protected record (safe address, restriction or sealed identity), or one that may be; ask the head of safeguarding"
INVERSE = {
    "mother": "child", "father": "child", "parent": "child", "child": "parent",
    "partner": "partner", "sibling": "sibling", "household-member": "household-member", "other": "other",
}  # fmt: skip
"""What the subject of a tie is to the other person; of any other kind it is told as said."""


@dataclass(frozen=True, slots=True)
class Word:
    """Hold what one source says, and since when: its own first day, or the day we were told."""

    source: str
    says: str
    since: str


@dataclass(frozen=True, slots=True)
class Member:
    """Hold one other person of a household or one relation; `person` is None where it is withheld."""

    person: UUID | None
    known_as: Mapping[str, object]
    words: tuple[Word, ...]
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """Hold who is at a person's door, and whom sources name as theirs. Most sensitive class: safe-address."""

    person: UUID
    withheld: str | None
    members: tuple[Member, ...]
    relations: tuple[Member, ...]

    @property
    def shown(self) -> tuple[UUID, ...]:
        """Name every person of whom something is told, for the record of who looked."""
        told = {one.person for one in (*self.members, *self.relations) if one.person is not None}
        return tuple(sorted({self.person, *told}))


def household(conn: Connection, person: UUID, at: datetime) -> Household:
    """Find a person's household and relations at an instant's day; raises UsageError if nobody is known by that id."""
    day = day_of(at).isoformat()
    own = household_rows.addresses_of(conn, [person])
    ties = household_rows.ties_of(conn, person)
    if (
        not own
        and not ties
        and not conn.execute("SELECT 1 FROM identity.person WHERE person = %s", (person,)).fetchone()
    ):
        raise UsageError(f"no person `{person}`; `wye people find` finds one by a source's own key")
    if person in protected(conn, [person], day):
        return Household(person, WITHHELD, (), ())
    doors = [door for *_, body in own if is_home(body, day) and (door := door_of(body)) is not None]
    living = _living_at(conn, person, doors, day)
    related = _related([tie for tie in ties if tie[-1] is not None], day)
    others = {*living, *related}
    hidden = protected(conn, sorted(others), day)
    names = household_rows.names_of(conn, sorted(others - hidden))
    return Household(person, None, _members(living, hidden, names), _members(related, hidden, names))


def protected(conn: Connection, persons: Sequence[UUID], day: str) -> set[UUID]:
    """Tell who of these persons may be shown through nobody else. Begun or not: a flag to come is a warning already."""
    found = household_rows.guarded_of(conn, persons)
    for person, body in household_rows.flags_of(conn, persons):
        ends = body.get("to_date")
        if body.get("kind") in PROTECTING and not (ends and str(ends) < day):
            found.add(person)
    return found


def _living_at(conn: Connection, person: UUID, doors: Sequence[Door], day: str) -> dict[UUID, list[Word]]:
    """Find whom any source puts behind one of these doors now, with where other sources put them instead."""
    uprns = sorted({door.uprn for door in doors if door.uprn})
    postcodes = sorted({_postcode(door.home) for door in doors if door.home})
    if not uprns and not postcodes:
        return {}
    found = [
        (subject, Word(source, "lives here", _since(body, observed_at)))
        for subject, source, _, observed_at, body in household_rows.addresses_at(conn, uprns, postcodes)
        if is_home(body, day) and (door := door_of(body)) is not None and any(door.same(each) for each in doors)
    ]
    persons = household_rows.persons_of(conn, sorted({subject for subject, _ in found}))
    there: dict[UUID, list[Word]] = {}
    for subject, word in sorted(found, key=lambda each: (each[1].source, str(each[0]))):
        other = persons.get(subject)
        if other is not None and other != person and word not in there.setdefault(other, []):
            there[other].append(word)
    for other, source, _, observed_at, body in household_rows.addresses_of(conn, list(there)):
        door = door_of(body)
        if door is not None and is_home(body, day) and not any(door.same(each) for each in doors):
            there[other].append(Word(source, "lives elsewhere", _since(body, observed_at)))
    return there


def _related(ties: Iterable[household_rows.Row], day: str) -> dict[UUID, list[Word]]:
    """Gather what sources say of each other person; a tie to a record that is linked to nobody tells of nobody."""
    found: dict[UUID, list[Word]] = {}
    lasting = LASTING["relationship"]
    for outward, body, source, _, recorded_at, other in ties:
        begins, ends = body.get(lasting.begins), body.get(lasting.ends)
        if (begins and str(begins) > day) or (ends and str(ends) < day):
            continue
        kind = str(body["kind"])
        says = kind if outward else INVERSE.get(kind, f"this person is their {kind}")
        word = Word(source, says, _since(body, recorded_at))
        if word not in found.setdefault(other, []):
            found[other].append(word)
    return found


def _members(
    found: Mapping[UUID, list[Word]], hidden: set[UUID], names: Mapping[UUID, Mapping[str, object]]
) -> tuple[Member, ...]:
    told = [
        Member(other, names.get(other, {}), tuple(words))
        for other, words in sorted(found.items())
        if other not in hidden
    ]
    # One line for each withheld person, and nothing that tells them apart.
    return (*told, *(Member(None, {}, (), WITHHELD) for other in found if other in hidden))


def _since(body: Mapping[str, object], told: datetime) -> str:
    return str(body.get("from_date") or day_of(told).isoformat())


def _postcode(home: str | None) -> str:
    bare = str(home).partition(":")[0]
    return f"{bare[:-3]} {bare[-3:]}"
