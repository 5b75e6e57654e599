"""Follow a change as far as it reaches: the records whose ties it changes, all records of their persons, and all that
these tie to. What lies beyond would be gathered as it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from wye.identity import rows
from wye.identity.assign import Link
from wye.identity.cluster import Pair, Tie, Words
from wye.identity.conflict import Traits
from wye.identity.feature_rows import Altered
from wye.identity.nearby import Nearby, Weighed
from wye.identity.scene import Scene, tie
from wye.store.database import Connection


def follow(conn: Connection, nearby: Nearby, altered: Altered, spoken_of: Iterable[UUID]) -> Scene:
    """Follow until nothing is added: a tie strong enough to join brings in its other record and that one's person.

    `spoken_of` are records of which a word changed, and all that words tie to them.
    """
    places, known, touched = nearby.alter(altered)
    weighed = {(pair[0], pair[1]): pair for pair in known}
    done = set(places)
    links = rows.links_of(conn, altered.present | altered.gone)
    affected = {*map(str, altered.present), *touched, *map(str, spoken_of), *map(str, links)}
    frontier = set(nearby.load(affected))
    within: set[int] = set()
    while frontier:
        within |= frontier
        weighed.update(((pair[0], pair[1]), pair) for pair in nearby.pairs(sorted(frontier - done)))
        done |= frontier
        reached = frontier | _joined(weighed.values(), within)
        found = rows.links_of(
            conn, [UUID(nearby.record(place)) for place in reached if _unlinked(nearby, place, links)]
        )
        links.update(found)
        frontier = (reached | set(nearby.load(map(str, found)))) - within
    return _scene(conn, nearby, within, links, weighed.values())


def _joined(weighed: Iterable[Weighed], places: set[int]) -> set[int]:
    """Find the records beyond these places that a tie strong enough to join leads to."""
    return {
        end
        for a, b, rule, door, weight in weighed
        if (a in places) != (b in places) and tie((a, b), rule, weight, door=door).sure
        for end in (a, b)
    }


def _unlinked(nearby: Nearby, place: int, links: Mapping[UUID, Link]) -> bool:
    return UUID(nearby.record(place)) not in links


def _scene(
    conn: Connection, nearby: Nearby, places: set[int], links: dict[UUID, Link], weighed: Iterable[Weighed]
) -> Scene:
    """Number the records at hand by their ids, and read what else decides about them."""
    ties = [pair for pair in weighed if pair[0] in places or pair[1] in places]
    aside = {place for pair in ties for place in pair[:2]} - places
    beside = rows.links_of(conn, [UUID(nearby.record(place)) for place in aside])
    at_hand = places | aside | set(nearby.load(map(str, beside)))
    order = sorted(at_hand, key=nearby.record)  # text of UUIDs sorts as UUIDs do
    number = {place: n for n, place in enumerate(order)}
    scene = Scene([UUID(nearby.record(place)) for place in order], links, {number[place] for place in places})
    for a, b, rule, door, weight in ties:
        pair = (number[a], number[b]) if number[a] < number[b] else (number[b], number[a])
        scene.ties.append(tie(pair, rule, weight, door=door))
    scene.ties.sort(key=lambda each: each.pair)
    place_of = {record: n for n, record in enumerate(scene.records)}
    scene.bystanders = _groups(beside, place_of)
    pinned = links | beside
    scene.traits = {n: traits(nearby.traits(place), pinned.get(scene.records[n])) for place, n in number.items()}
    scene.words = words(conn, scene.records, place_of, scene.ties)
    return scene


def _groups(links: Mapping[UUID, Link], place_of: Mapping[UUID, int]) -> list[list[int]]:
    by_person: dict[UUID, list[int]] = defaultdict(list)
    for record, link in links.items():
        if record in place_of:
            by_person[link.person].append(place_of[record])
    return [sorted(group) for group in by_person.values()]


def traits(row: tuple[Any, ...], link: Link | None) -> Traits:
    """Make the traits of a record from nearby.TRAITS and the link in force."""
    found = Traits(*row)
    return replace(found, pinned=link.person) if link and link.kind == "verified" else found


def words(conn: Connection, records: list[UUID], place_of: Mapping[UUID, int], ties: Iterable[Tie]) -> Words:
    """Read what people said about pairs among these records, and add what their systems marked."""
    said: dict[str, set[Pair]] = {"same": set(), "different": set()}
    for a, b, decision in rows.decisions(conn, records):
        if a in place_of and b in place_of:
            pair = (place_of[a], place_of[b])
            said[decision].add((min(pair), max(pair)))
    return Words(said["same"], said["different"], {each.pair for each in ties if each.kind == "system"})
