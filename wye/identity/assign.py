"""Decide which person each group of records is: the oldest that it was, or a new one. Pure.

INVARIANT: a record that a human linked keeps its person; two such persons never meet in one group (conflict.py).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.identity.rule import LinkKind

ALONE = "no other record matches"


Spoken = tuple[UUID, UUID, str]
"""Two records, and a human's word about them: `same` or `different`."""


@dataclass(frozen=True, slots=True)
class Link:
    """Hold the link in force of one record, and since when its person is known."""

    person: UUID
    kind: LinkKind
    person_since: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Hold records that are one person, and for each how it came to them; one without a tie is alone."""

    records: tuple[UUID, ...]
    kinds: Mapping[UUID, LinkKind]
    reasons: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Move:
    """Say that a record goes to a person, from another or for the first time."""

    record: UUID
    before: UUID | None
    after: UUID
    kind: LinkKind
    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """Say that records went from one person to another: all of them (merge) or some (unmerge).

    After a merge `kept` holds the records; an unmerge left `kept` with the rest and gave them to `other`.
    """

    kind: str
    kept: UUID
    other: UUID
    records: tuple[UUID, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Hold what to write."""

    new: tuple[UUID, ...]
    moves: tuple[Move, ...]
    events: tuple[Event, ...]


def assign(
    groups: Sequence[Group], links: Mapping[UUID, Link], mint: Callable[[], UUID], words: Iterable[Spoken] = ()
) -> Changes:
    """Give each group its person. `links` are the links in force of all records of the persons at hand, also of
    records that left their source: these follow their person when it is merged away, but never against a word.
    """
    owner = _claims(groups, links)
    new: list[UUID] = []
    moves: list[Move] = []
    for place, group in enumerate(groups):
        person = owner.get(place)
        if person is None:
            person = mint()
            new.append(person)
        moves.extend(_moves(group, person, links))
    moves.extend(_followers(groups, moves, links, words))
    return Changes(tuple(new), tuple(moves), tuple(_events(moves, links)))


def _claims(groups: Sequence[Group], links: Mapping[UUID, Link]) -> dict[int, UUID]:
    """Let each group claim a person that its records have: by a human's word, then the oldest, then most records."""
    claims: list[tuple[bool, datetime, UUID, int, UUID, int]] = []
    for place, group in enumerate(groups):
        held = [links[record] for record in group.records if record in links]
        counts = Counter(link.person for link in held)
        verified = {link.person for link in held if link.kind == "verified"}
        claims.extend(
            (
                link.person not in verified,
                link.person_since,
                link.person,
                -counts[link.person],
                min(group.records),
                place,
            )
            for link in {link.person: link for link in held}.values()
        )
    owner: dict[int, UUID] = {}
    taken: set[UUID] = set()
    for *_, person, _count, _first, place in sorted(claims):
        if place not in owner and person not in taken:
            owner[place] = person
            taken.add(person)
    return owner


def _moves(group: Group, person: UUID, links: Mapping[UUID, Link]) -> Iterable[Move]:
    for record in group.records:
        before = links[record].person if record in links else None
        if before != person:
            yield Move(record, before, person, group.kinds.get(record, "auto"), group.reasons.get(record, ALONE))


def _followers(
    groups: Sequence[Group], moves: Sequence[Move], links: Mapping[UUID, Link], words: Iterable[Spoken]
) -> Iterable[Move]:
    """Take along the records that left their source, where all others of their person go to one other person.

    One that a human found to be the same as a record goes with that; one found to be different from any there stays.
    """
    grouped = {record for group in groups for record in group.records}
    now = {record: link.person for record, link in links.items()} | {move.record: move.after for move in moves}
    going: dict[UUID, set[UUID]] = defaultdict(set)
    moved = {move.record for move in moves}
    for move in moves:
        if move.before:
            going[move.before].add(move.after)
    staying = {links[record].person for record in grouped if record in links and record not in moved}
    partners = _partners(words)
    for record, link in links.items():
        if record in grouped:
            continue
        heirs = going.get(link.person, set())
        bound = {now[other] for other in partners[record, "same"] if other in grouped and other in now}
        if len(bound) == 1:
            heirs = bound - {link.person}
        elif link.person in staying:
            continue
        barred = {now[other] for other in partners[record, "different"] if other in now}
        if len(heirs) == 1 and barred.isdisjoint(heirs):
            now[record] = next(iter(heirs))
            yield Move(record, link.person, now[record], link.kind, "followed its person")


def _partners(words: Iterable[Spoken]) -> Mapping[tuple[UUID, str], set[UUID]]:
    found: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for a, b, said in words:
        found[a, said].add(b)
        found[b, said].add(a)
    return found


def _events(moves: Sequence[Move], links: Mapping[UUID, Link]) -> Iterable[Event]:
    size = Counter(link.person for link in links.values())
    gone = Counter(move.before for move in moves if move.before)
    between: dict[tuple[UUID, UUID], list[Move]] = defaultdict(list)
    for move in moves:
        if move.before:
            between[move.before, move.after].append(move)
    for (before, after), found in sorted(between.items()):
        records = tuple(sorted(move.record for move in found))
        if gone[before] == size[before]:
            yield Event("merge", after, before, records, found[0].reason)
        else:
            yield Event("unmerge", before, after, records, "the records no longer weigh as one person")
