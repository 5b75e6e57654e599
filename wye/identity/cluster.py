"""Gather records that are one person, strongest tie first, and never past an objection. Pure.

Each join is checked between every two members, so that a chain of good pairs cannot bring two people together.
The order of ties is total (who says so, weight, records), so arrival does not change the result.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from wye.identity.conflict import NAMES_DIFFER, SEALED, Conflict, Traits, bridges, conflict
from wye.identity.rule import LinkKind

Pair = tuple[int, int]
"""Two records by their places, the lower first; places follow the order of record ids."""


class Objects(Protocol):
    """Object to two records being one person, or not; `marked` if their own system says they are."""

    def __call__(self, a: Traits, b: Traits, *, marked: bool = False) -> Conflict | None:
        """Say what objects."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Hold one reason to take two records for one person. `rank` 0 is a human's word, then rules, then the model."""

    pair: Pair
    rank: int
    weight: float
    kind: LinkKind
    reason: str
    sure: bool
    """Strong enough to join, if nothing objects; otherwise a human may be asked."""


@dataclass(frozen=True, slots=True)
class Words:
    """Hold what people, source systems and rules say about pairs."""

    same: AbstractSet[Pair] = frozenset()
    different: AbstractSet[Pair] = frozenset()
    marked: AbstractSet[Pair] = frozenset()
    objects: Objects = conflict
    """What objects to two records being one person, where nobody has said anything."""


@dataclass(slots=True)
class Clusters:
    """Hold which records are together, and by which tie each came."""

    members: dict[int, list[int]]
    """By each cluster's lowest record."""
    root: dict[int, int]
    tie: dict[int, Tie] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Hold one pair for a human: too alike to keep apart in silence, not surely one."""

    pair: Pair
    weight: float


def gather(places: Iterable[int], ties: Iterable[Tie], traits: Mapping[int, Traits], words: Words) -> Clusters:
    """Join records by their ties, strongest first, wherever nobody between the two groups objects."""
    known = sorted(places)
    found = Clusters({place: [place] for place in known}, {place: place for place in known})
    for tie in sorted(ties, key=lambda tie: (tie.rank, -tie.weight, tie.pair)):
        a, b = (found.root[place] for place in tie.pair)
        objects = _objection if tie.rank else _forbidden  # to a human's word only a seal or a human objects
        if a == b or objects(found.members[a], found.members[b], traits, words):
            continue
        keep, gone = min(a, b), max(a, b)
        for place in found.members[gone]:
            found.root[place] = keep
        found.members[keep].extend(found.members.pop(gone))
        for place in tie.pair:
            found.tie.setdefault(place, tie)
    return found


def unambiguous(ties: Sequence[Tie], traits: Mapping[int, Traits], words: Words, margin: float) -> list[Tie]:
    """Leave out the ties of a record that could as well be either of two people: a J Smith of a John and a Jane.

    A tie stays if it outweighs, by the margin, every tie of its record to somebody who is surely another person.
    """
    by_record: dict[int, list[Tie]] = defaultdict(list)
    for tie in ties:
        for place in tie.pair:
            by_record[place].append(tie)
    kept: list[Tie] = []
    for tie in ties:
        a, b = tie.pair
        rivals = [(b, other) for other in by_record[a]] + [(a, other) for other in by_record[b]]
        if not any(
            other is not tie and other.weight > tie.weight - margin and _rivals(end, other, tie, traits, words)
            for end, other in rivals
        ):
            kept.append(tie)
    return kept


def _rivals(end: int, other: Tie, tie: Tie, traits: Mapping[int, Traits], words: Words) -> bool:
    shared, far = other.pair if other.pair[0] in tie.pair else (other.pair[1], other.pair[0])
    found = _between((min(end, far), max(end, far)), traits, words)
    if found is not None and found.reason == NAMES_DIFFER and bridges(traits[shared], traits[end], traits[far]):
        return False
    return found is not None and found.verdict == "apart"


def doubts(clusters: Clusters, ties: Sequence[Tie], traits: Mapping[int, Traits], words: Words) -> list[Doubt]:
    """List the pairs for a human: of each two groups that stayed two without being surely two, the strongest pair."""
    found: dict[Pair, Doubt] = {}
    settled: set[Pair] = set()
    for tie in sorted(ties, key=lambda tie: (-tie.weight, tie.pair)):
        a, b = sorted(clusters.root[place] for place in tie.pair)
        if a == b or (a, b) in settled:
            continue
        settled.add((a, b))
        objection = _objection(clusters.members[a], clusters.members[b], traits, words)
        if objection is None or objection.verdict == "doubt":
            found[a, b] = Doubt(tie.pair, tie.weight)
    return list(found.values())


def _objection(left: list[int], right: list[int], traits: Mapping[int, Traits], words: Words) -> Conflict | None:
    """Find the worst objection between the members of two groups; one of them may know both of two given names."""
    worst: Conflict | None = None
    for a in left:
        for b in right:
            found = _between((min(a, b), max(a, b)), traits, words)
            if found and found.reason == NAMES_DIFFER and _bridged(traits[a], traits[b], (*left, *right), traits):
                continue
            if found and found.verdict == "apart":
                return found
            worst = worst or found
    return worst


def _bridged(a: Traits, b: Traits, members: Iterable[int], traits: Mapping[int, Traits]) -> bool:
    return any(bridges(traits[place], a, b) for place in members)


def _forbidden(left: list[int], right: list[int], traits: Mapping[int, Traits], words: Words) -> Conflict | None:
    """Find what objects even to a human's word: a seal, or another human's."""
    for a in left:
        for b in right:
            pair = (min(a, b), max(a, b))
            if traits[a].sealed or traits[b].sealed or pair in words.different:
                return _between(pair, traits, words)
    return None


def _between(pair: Pair, traits: Mapping[int, Traits], words: Words) -> Conflict | None:
    a, b = traits[pair[0]], traits[pair[1]]
    if a.sealed or b.sealed:
        return SEALED
    if pair in words.different:
        return Conflict("apart", "a human found them to be two people")
    if pair in words.same:
        return None
    return words.objects(a, b, marked=pair in words.marked)
