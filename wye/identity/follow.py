"""Follow a change as far as it reaches: its records, all records of their persons, and all that these tie to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import polars as pl

from wye.identity import model, rows
from wye.identity.assign import Link
from wye.identity.cluster import Pair, Tie, Words
from wye.identity.conflict import Traits
from wye.identity.rules import RULES
from wye.store.database import Connection

if TYPE_CHECKING:
    from wye.identity.linkage import Linkage

HUMAN, MODEL = 0, len(RULES) + 1
"""Ranks of ties: a human's word before every rule, the model after."""


@dataclass(slots=True)
class Scene:
    """Hold what is at hand. A place is a record's place in the order of record ids."""

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


def follow(conn: Connection, linkage: "Linkage", features: pl.DataFrame, changed: set[UUID], gone: set[UUID]) -> Scene:
    """Follow until nothing is added: a tie strong enough to join brings in its other record and that one's person."""
    records = [UUID(record) for record in linkage.records]
    place_of = {record: place for place, record in enumerate(records)}
    scene = Scene(records, rows.links_of(conn, changed | gone))
    found: dict[Pair, Tie] = {}
    marked: set[Pair] = set()
    frontier = {place_of[record] for record in (*changed, *scene.links) if record in place_of}
    while frontier:
        scene.places |= frontier
        reached: set[int] = set()
        for a, b, rule, door, weight in linkage.pairs(sorted(frontier)).iter_rows():
            tie = found[a, b] = _tie((a, b), rule, door, weight)
            if tie.kind == "system":
                marked.add((a, b))
            if tie.sure:
                reached |= {a, b}
        links = rows.links_of(conn, [records[place] for place in reached - scene.places])
        scene.links.update(links)
        frontier = (reached | {place_of[record] for record in links if record in place_of}) - scene.places
    scene.ties = list(found.values())
    aside = {place for pair in found for place in pair} - scene.places
    beside = rows.links_of(conn, [records[place] for place in aside])
    scene.bystanders = _groups(beside, place_of)
    at_hand = scene.places | {place for group in scene.bystanders for place in group}
    scene.traits = _traits(features, at_hand, records, scene.links | beside)
    scene.words = _words(conn, at_hand, records, place_of, marked)
    return scene


def _tie(pair: Pair, rule: int | None, door: bool, weight: float) -> Tie:  # noqa: FBT001  a column of the pair
    if rule is not None:
        return Tie(pair, rule + 1, weight, RULES[rule].kind, RULES[rule].reason, sure=True)
    least = f"{model.JOIN_AT_DOOR:.0f} at one door" if door else f"{model.JOIN:.0f}"
    reason = f"weighs {weight:.1f}; records are joined from {least}"
    return Tie(pair, MODEL, weight, "auto", reason, sure=model.joins(weight, door=door))


def _groups(links: dict[UUID, Link], place_of: dict[UUID, int]) -> list[list[int]]:
    by_person: dict[UUID, list[int]] = defaultdict(list)
    for record, link in links.items():
        if record in place_of:
            by_person[link.person].append(place_of[record])
    return [sorted(group) for group in by_person.values()]


def _traits(
    features: pl.DataFrame, places: Iterable[int], records: list[UUID], links: dict[UUID, Link]
) -> dict[int, Traits]:
    chosen = sorted(places)
    columns = ("source", "given", "known_as", "middle", "family", "birth_date", "nhs_number", "sealed")
    found = features.select(columns)[chosen]
    traits: dict[int, Traits] = {}
    for place, row in zip(chosen, found.iter_rows(), strict=True):
        link = links.get(records[place])
        traits[place] = replace(_plain(row), pinned=link.person) if link and link.kind == "verified" else _plain(row)
    return traits


def _plain(row: tuple[Any, ...]) -> Traits:
    return Traits(*row)


def _words(
    conn: Connection, places: set[int], records: list[UUID], place_of: dict[UUID, int], marked: set[Pair]
) -> Words:
    same: set[Pair] = set()
    different: set[Pair] = set()
    for a, b, decision in rows.decisions(conn, [records[place] for place in places]):
        pair = (place_of.get(a, -1), place_of.get(b, -1))
        if min(pair) >= 0 and places.issuperset(pair):
            (same if decision == "same" else different).add((min(pair), max(pair)))
    return Words(same, different, marked)
