"""Link what changed, decide whose records they are, and write each person's golden attributes.

The result of linking depends on what the records say, on what humans decided and on the model in force, not on the
order of arrival: whatever a change touches is gathered afresh, with all records of the persons it touches. What may
differ with arrival is which person keeps its id (the older), how common a name is taken to be, and which model was
learnt; a record that has not changed since is not looked at again when only these drift.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl

from wye.failpoints import reach
from wye.identity import golden, model, rows, sealing, word_rows
from wye.identity.assign import Changes, Group, assign
from wye.identity.cluster import Clusters, Tie, doubts, gather, unambiguous
from wye.identity.features import normalise
from wye.identity.follow import HUMAN, MODEL, Scene, follow
from wye.store.database import Connection
from wye.store.ids import uuid7

GROWTH = 4
"""The model is learnt again when there are this many times the records it was learnt from."""


@dataclass(frozen=True, slots=True)
class IdentifyResult:
    """Count what one run did. `changed_persons` are all whose records or facts changed, for sharing to look at."""

    looked_at: int
    persons_new: int
    linked_by_rule: int
    linked_by_model: int
    doubtful: int
    merged: int
    changed_persons: list[UUID]
    parted: tuple[sealing.Parted, ...] = ()
    """Sealed records that left their person in this run."""


@dataclass(frozen=True, slots=True)
class _Linked:
    changes: Changes
    ranks: tuple[int, ...]
    doubtful: int


NOTHING = _Linked(Changes((), (), ()), (), 0)


def identify(conn: Connection, at: datetime, *, batch: int = 1_000_000) -> IdentifyResult:
    """Take up to `batch` changed records, link them, and write golden attributes, in one transaction.

    It opens the transaction itself; inside a caller's transaction that becomes a part of it, so that the caller can
    write what is due along with it. Runs wait for each other. Call again until `looked_at` is nought.
    """
    with conn.transaction():
        taken = rows.take(conn, batch)
        if not taken:
            return IdentifyResult(0, 0, 0, 0, 0, 0, [])
        changed, gone = rows.keep_features(conn, normalise(rows.raw_features(conn)))
        parted = sealing.part(conn, at)
        changed = word_rows.to_settle(conn, changed.union(*(each.left_behind for each in parted)))
        linked = _link(conn, changed, gone, at) if changed or gone else NOTHING
        moves = linked.changes.moves
        rows.analyse(conn, taken)
        touched = {*rows.persons_of_looked_at(conn), *(move.after for move in moves)}
        touched |= {move.before for move in moves if move.before} | {each.before for each in parted}
        persons = sorted(touched)
        golden.write(conn, persons, at)
        reach("identify.before_commit")
        return IdentifyResult(
            looked_at=taken,
            persons_new=len(linked.changes.new),
            linked_by_rule=sum(HUMAN < rank < MODEL for rank in linked.ranks),
            linked_by_model=sum(rank == MODEL for rank in linked.ranks),
            doubtful=linked.doubtful,
            merged=sum(event.kind == "merge" for event in linked.changes.events),
            changed_persons=persons,
            parted=tuple(parted),
        )


def _link(conn: Connection, changed: set[UUID], gone: set[UUID], at: datetime) -> _Linked:
    """Weigh every pair that the change touches, gather and assign afresh, and write what is different."""
    from wye.identity.linkage import Linkage

    features = rows.features(conn)
    linkage = Linkage(features, _parameters(conn, features, at))
    try:
        scene = follow(conn, linkage, features, changed, gone)
    finally:
        linkage.close()
    clusters = gather(scene.places, _sure(scene), scene.traits, scene.words)
    spoken = rows.decisions(conn, list(scene.links))
    changes = assign(_groups(clusters, scene.records), scene.links, uuid7, spoken)
    rows.keep_changes(conn, changes, at)
    pairs = _doubtful(clusters, scene)
    rows.keep_doubts(conn, [scene.records[place] for place in scene.places], pairs, at)
    moved = {move.record for move in changes.moves}
    ranks = tuple(tie.rank for place, tie in clusters.tie.items() if scene.records[place] in moved)
    return _Linked(changes, ranks, len(pairs))


def _parameters(conn: Connection, features: pl.DataFrame, at: datetime) -> model.Parameters:
    """Take the model in force; learn one from these records first if there are enough of them."""
    known = rows.model_in_force(conn)
    if features.height < max(model.ENOUGH, known[0] * GROWTH if known else 0):
        return known[1] if known else model.shipped()
    from wye.identity.linkage import train

    learnt = train(features)
    rows.keep_model(conn, features.height, learnt, at)
    return learnt


def _sure(scene: Scene) -> list[Tie]:
    human = [
        Tie(pair, HUMAN, 0.0, "verified", "a human found them to be one person", sure=True) for pair in scene.words.same
    ]
    clear = set(unambiguous(scene.ties, scene.traits, scene.words, model.MARGIN))
    strong = [tie for tie in scene.ties if tie.sure and (tie.rank < MODEL or tie in clear)]
    return [tie for tie in human + strong if scene.places.issuperset(tie.pair)]


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
