"""Link what changed, decide whose records they are, and write each person's golden attributes.

The result of linking depends on what the records say, on what humans decided and on the footing in force (the model,
and names as counted; footing.py), not on the order of arrival: whatever a change touches is gathered afresh, with all
records of the persons it touches, and a new footing is a look at all records. What may differ with arrival is which
person keeps its id (the older), and at which number of records names were counted or a model was learnt.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from wye.batch import in_hand
from wye.failpoints import reach
from wye.identity import block_rows, feature_rows, footing, golden, model_rows, rows, sealing, word_rows
from wye.identity.assign import Changes, assign
from wye.identity.feature_rows import Altered
from wye.identity.features import normalise
from wye.identity.follow import follow
from wye.identity.nearby import Nearby
from wye.identity.scene import HUMAN, MODEL, Scene, Settled, settle
from wye.store.database import Connection
from wye.store.ids import uuid7


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


@dataclass(slots=True)
class _Linked:
    new: int = 0
    by_rule: int = 0
    by_model: int = 0
    doubtful: int = 0
    merged: int = 0
    persons: set[UUID] = field(default_factory=set)
    """Those that records left or came to."""

    def add(self, changes: Changes, settled: Settled) -> None:
        ranks = [settled.ranks[move.record] for move in changes.moves if move.record in settled.ranks]
        self.new += len(changes.new)
        self.by_rule += sum(HUMAN < rank < MODEL for rank in ranks)
        self.by_model += sum(rank == MODEL for rank in ranks)
        self.doubtful += len(settled.doubts)
        self.merged += sum(event.kind == "merge" for event in changes.events)
        self.persons.update(move.after for move in changes.moves)
        self.persons.update(move.before for move in changes.moves if move.before)

    def add_loners(self, persons: list[UUID]) -> None:
        self.new += len(persons)
        self.persons.update(persons)


def identify(conn: Connection, at: datetime, *, batch: int = 1_000_000, afresh: bool = False) -> IdentifyResult:
    """Take up to `batch` changed records, link them, and write golden attributes, in one transaction.

    It opens the transaction itself; inside a caller's transaction that becomes a part of it, so that the caller can
    write what is due along with it. Runs wait for each other. Call again until `looked_at` is nought. `afresh` counts
    names anew and looks at every record, not only at what changed; so does another version of the model.
    """
    with in_hand(), conn.transaction():
        taken = feature_rows.take(conn, batch)
        stale = not (taken or afresh) and _stale(conn)
        if not (taken or afresh or stale):
            return IdentifyResult(0, 0, 0, 0, 0, 0, [])
        altered = feature_rows.keep_features(conn, normalise(feature_rows.raw_features(conn)))
        parted = sealing.part(conn, at)
        spoken_of = word_rows.to_settle(conn, altered.present.union(*(each.left_behind for each in parted)))
        to_link = altered.gone or spoken_of or afresh or stale
        linked = _link(conn, altered, spoken_of, at, afresh=afresh) if to_link else _Linked()
        rows.analyse(conn, taken)
        touched = {*rows.persons_of_looked_at(conn), *linked.persons, *(each.before for each in parted)}
        persons = sorted(touched, key=attrgetter("int"))
        golden.write(conn, persons, at)
        reach("identify.before_commit")
        return IdentifyResult(
            looked_at=block_rows.count(conn) if stale else taken,
            persons_new=linked.new,
            linked_by_rule=linked.by_rule,
            linked_by_model=linked.by_model,
            doubtful=linked.doubtful,
            merged=linked.merged,
            changed_persons=persons,
            parted=tuple(parted),
        )


def _link(conn: Connection, altered: Altered, spoken_of: set[UUID], at: datetime, *, afresh: bool) -> _Linked:
    """Weigh every pair that the change touches, gather and assign afresh, and write what is different."""
    linked = _Linked()
    for scene in _scenes(conn, altered, spoken_of, at, afresh=afresh):
        linked.add_loners(rows.keep_loners(conn, scene.loners, at))
        settled = settle(scene)
        spoken = sealing.of_nobody_sealed(conn, rows.decisions(conn, list(scene.links)))
        changes = assign(settled.groups, scene.links, uuid7, spoken)
        rows.keep_changes(conn, changes, at)
        rows.keep_doubts(conn, [scene.records[place] for place in scene.places], settled.doubts, at)
        linked.add(changes, settled)
    return linked


def _stale(conn: Connection) -> bool:
    """Tell whether the links in force were weighed by another model than the one in force."""
    found = block_rows.footing(conn)
    return found is not None and found.form != footing.form(model_rows.in_force(conn))


def _scenes(conn: Connection, altered: Altered, spoken_of: set[UUID], at: datetime, *, afresh: bool) -> Iterable[Scene]:
    """Give what has to be gathered: what is near the change, or everyone."""
    found = block_rows.footing(conn)
    records = found.features + len(altered.new) - len(altered.gone) if found else block_rows.count(conn)
    parameters = model_rows.in_force(conn)
    form = footing.form(parameters)
    if afresh or found is None or found.form != form or not footing.fits(records, found.records):
        found = block_rows.stand(conn, form, at)
    elif len(altered.present) + len(altered.gone) <= records * footing.MANY and not block_rows.lost(conn):
        block_rows.grow(conn, records)
        return [follow(conn, Nearby(conn, parameters, found), altered, spoken_of)]
    block_rows.grow(conn, records)
    from wye.identity.everyone import everyone

    return everyone(conn, parameters, found)
