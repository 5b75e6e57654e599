"""Link records that are all at hand, without a database: features in, people out. Pure.

It weighs, ties and settles as identify does; what a hub adds is memory (who was together before) and the words of
people. It serves what has to be known of a model before it is put in force, and measurements on labelled records.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import polars as pl

from wye.identity import model
from wye.identity.assign import Link
from wye.identity.cluster import Objects, Pair, Words
from wye.identity.conflict import conflict
from wye.identity.follow import traits
from wye.identity.linkage import Linkage
from wye.identity.nearby import TRAITS
from wye.identity.scene import Scene, settle, tie


@dataclass(frozen=True, slots=True)
class Linked:
    """Hold who is one person: for each record, in the order of the features, its person's first record."""

    person: tuple[int, ...]
    doubtful: int
    """Pairs that a human would be asked about."""


@dataclass(frozen=True, slots=True)
class Way:
    """Hold how records are linked that are not a hub's: which pairs are compared, joined from which weight, and what
    objects to a pair.
    """

    blocks: Mapping[str, str] = field(default_factory=lambda: model.BLOCKS)
    join: float = model.JOIN
    objects: Objects = conflict


@dataclass(frozen=True, slots=True)
class Memory:
    """Hold what a hub remembers: the links in force, and pairs of records that people spoke of."""

    links: dict[UUID, Link] = field(default_factory=dict)
    said: tuple[tuple[UUID, UUID, str], ...] = ()


def link(
    features: pl.DataFrame, parameters: model.Parameters, way: Way | None = None, memory: Memory | None = None
) -> Linked:
    """Link records (features.COLUMNS, in the order of record ids, which are UUIDs) by a model."""
    chosen, known = way or Way(), memory or Memory()
    linkage = Linkage(features, parameters, blocks=chosen.blocks)
    try:
        weighed = linkage.pairs(range(features.height), least=min(chosen.join, model.DOUBT))
    finally:
        linkage.close()
    scene = Scene([UUID(record) for record in linkage.records], known.links, set(range(features.height)))
    scene.ties = [
        tie((a, b), rule, weight, door=door, join=chosen.join) for a, b, rule, door, weight in weighed.iter_rows()
    ]
    place_of = {record: place for place, record in enumerate(scene.records)}
    scene.words = _words(known, place_of, {each.pair for each in scene.ties if each.kind == "system"}, chosen.objects)
    for place, row in enumerate(features.select(TRAITS).iter_rows()):
        scene.traits[place] = traits(row, known.links.get(scene.records[place]))
    settled = settle(scene)
    person = list(range(features.height))
    for group in settled.groups:
        places = [place_of[record] for record in group.records]
        for place in places:
            person[place] = min(places)
    return Linked(tuple(person), len(settled.doubts))


def _words(known: Memory, place_of: Mapping[UUID, int], marked: set[Pair], objects: Objects) -> Words:
    said: dict[str, set[Pair]] = {"same": set(), "different": set()}
    for a, b, word in known.said:
        if a in place_of and b in place_of:
            said[word].add((min(place_of[a], place_of[b]), max(place_of[a], place_of[b])))
    return Words(said["same"], said["different"], marked, objects)
