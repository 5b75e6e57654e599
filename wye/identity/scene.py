"""Hold the records at hand with their ties, and settle who is one person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from wye.identity import model
from wye.identity.assign import Group, Link
from wye.identity.cluster import Clusters, Pair, Tie, Words, doubts, gather, unambiguous
from wye.identity.conflict import Traits
from wye.identity.rules import RULES

HUMAN, MODEL = 0, len(RULES) + 1
"""Ranks of ties: a human's word before every rule, the model after."""


@dataclass(slots=True)
class Scene:
    """Hold what is at hand. A place is a record's place in `records`, which are in the order of record ids."""

    records: list[UUID]
    links: dict[UUID, Link]
    """Of the places within reach, with all other records of their persons."""
    places: set[int] = field(default_factory=set)
    """Within reach: gathered afresh."""
    ties: list[Tie] = field(default_factory=list)
    """Every tie or half-tie that touches a place within reach."""
    traits: dict[int, Traits] = field(default_factory=dict)
    bystanders: list[list[int]] = field(default_factory=list)
    """Groups out of reach that something within reach may yet be a doubtful match of."""
    words: Words = field(default_factory=Words)
    loners: list[UUID] = field(default_factory=list)
    """Besides: records without a person that nothing ties to anybody, of which each becomes one."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Hold who is one person, by which tie each record came, and which pairs a human has to look at."""

    groups: list[Group]
    ranks: Mapping[UUID, int]
    doubts: list[tuple[UUID, UUID, float]]


def tie(pair: Pair, rule: int | None, weight: float, *, door: bool, join: float | None = None) -> Tie:
    """Make the tie of a weighed pair; a hub joins from JOIN, others may choose (link.py)."""
    if rule is not None:
        return Tie(pair, rule + 1, weight, RULES[rule].kind, RULES[rule].reason, sure=True)
    reason = f"weighs {weight:.1f}; records are joined from {model.JOIN:.0f}"
    sure = model.joins(weight, door=door) if join is None else weight >= join
    return Tie(pair, MODEL, weight, "auto", reason, sure=sure)


def settle(scene: Scene) -> Settled:
    """Gather the places within reach, and find the doubts that touch them."""
    clusters = gather(scene.places, _sure(scene), scene.traits, scene.words)
    groups = _groups(clusters, scene.records)
    ranks = {scene.records[place]: tie.rank for place, tie in clusters.tie.items()}
    return Settled(groups, ranks, _doubtful(clusters, scene))


def _sure(scene: Scene) -> list[Tie]:
    human = [
        Tie(pair, HUMAN, 0.0, "verified", "a human found them to be one person", sure=True) for pair in scene.words.same
    ]
    clear = set(unambiguous(scene.ties, scene.traits, scene.words, model.MARGIN))
    strong = [tie for tie in scene.ties if (tie.sure or _held(tie, scene)) and (tie.rank < MODEL or tie in clear)]
    return [tie for tie in human + strong if scene.places.issuperset(tie.pair)]


def _held(tie: Tie, scene: Scene) -> bool:
    """Tell whether a tie too weak to join holds two records that are of one person already."""
    a, b = (scene.links.get(scene.records[place]) for place in tie.pair)
    return a is not None and b is not None and a.person == b.person and model.holds(tie.weight)


def _groups(clusters: Clusters, records: list[UUID]) -> list[Group]:
    groups = []
    for members in clusters.members.values():
        ties: Mapping[UUID, Tie] = {records[place]: clusters.tie[place] for place in members if place in clusters.tie}
        groups.append(
            Group(
                tuple(records[place] for place in sorted(members)),
                {record: tie.kind for record, tie in ties.items()},
                {record: tie.reason for record, tie in ties.items()},
            )
        )
    return groups


def _doubtful(clusters: Clusters, scene: Scene) -> list[tuple[UUID, UUID, float]]:
    for group in scene.bystanders:
        if scene.places.isdisjoint(group):
            clusters.members[group[0]] = group
            clusters.root.update(dict.fromkeys(group, group[0]))
    known = [tie for tie in scene.ties if tie.pair[0] in clusters.root and tie.pair[1] in clusters.root]
    found = doubts(clusters, known, scene.traits, scene.words)
    return [(scene.records[doubt.pair[0]], scene.records[doubt.pair[1]], doubt.weight) for doubt in found]
