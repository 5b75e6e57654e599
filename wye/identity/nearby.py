"""Find the pairs of a few records by the blocking keys kept in PostgreSQL, and weigh these pairs alone.

Reads the features of the records asked for and of those that share a key with them, nothing else.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from threading import get_ident
from typing import Any, cast

import orjson
import polars as pl
import pyarrow as pa

from wye.identity import block_rows, feature_rows, model
from wye.identity.block_rows import Footing
from wye.identity.feature_rows import TYPES, Altered, Feature
from wye.identity.handful import handful
from wye.identity.meeting import KEYS, ByHand, InColumns, Meeting
from wye.identity.scales import WEIGHED, Scales
from wye.identity.weigh import Bearers
from wye.store.database import Connection

Weighed = tuple[int, int, int | None, bool, float]
"""Two places, the rule that holds (its place in RULES), whether they share a door, the weight."""

TRAITS = ("source", "given", "known_as", "middle", "family", "birth_date", "nhs_number", "sealed")
"""What conflict.Traits holds of a record, in its order."""
_AT = [list(TYPES).index(name) for name in TRAITS]

ARROW = {field.name: field.type for field in pl.DataFrame(schema=TYPES).to_arrow().schema}
"""The same types as Arrow's, by which lists are taken over a hundred times faster than row by row."""

Chunk = tuple[int, Sequence[Feature] | pl.DataFrame]
"""Features that were read together, and the first one's place: rows where they are few, else columns, as read."""

PAIRS_BY_HAND, KEYS_BY_HAND = 300, 150
"""Up to so many pairs are weighed, and records keyed, in Python: a statement of DuckDB's takes 30 ms to plan."""


class Nearby:
    """Hold the records read so far, each at a place in the order of reading. One run of identify makes one."""

    def __init__(self, conn: Connection, parameters: model.Parameters, footing: Footing) -> None:
        self._conn = conn
        self._model = (
            orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS),
            footing.form,
            footing.records,
            footing.bearers,
        )
        self._records: list[str] = []
        """The record at each place."""
        self._chunks: list[Chunk] = []
        self._place: dict[str, int] = {}
        self._absent: set[str] = set()
        self._on_scales = 0
        """Chunks that lie on the scales."""

    def record(self, place: int) -> str:
        """Give the record at a place."""
        return self._records[place]

    def row(self, place: int) -> Mapping[str, Any]:
        """Give the features at a place by column."""
        return dict(zip(TYPES, self._feature(place), strict=True))

    def traits(self, place: int) -> tuple[Any, ...]:
        """Give TRAITS of the record at a place."""
        feature = self._feature(place)
        return tuple(feature[at] for at in _AT)

    def _feature(self, place: int) -> Feature:
        chunk = self._chunks[bisect_right(self._chunks, place, key=itemgetter(0)) - 1]
        start, held = chunk
        return held.row(place - start) if isinstance(held, pl.DataFrame) else held[place - start]

    def _hold(self, read: Sequence[Feature] | pl.DataFrame) -> range:
        """Give what was read its places."""
        start = len(self._records)
        if isinstance(read, pl.DataFrame):
            self._records += read["record"].to_list()
        else:
            self._records += (str(feature[0]) for feature in read)
        if len(read):
            self._chunks.append((start, read))
        return range(start, len(self._records))

    def load(self, records: Iterable[str]) -> list[int]:
        """Read the features of these records unless that is done; gives the places of those that have any."""
        asked = list(dict.fromkeys(records))
        missing = [record for record in asked if record not in self._place and record not in self._absent]
        if missing:
            for place in self._hold(feature_rows.some(self._conn, missing)):
                self._place[self._records[place]] = place
            self._absent.update(record for record in missing if record not in self._place)
        return [self._place[record] for record in asked if record in self._place]

    def alter(self, altered: Altered) -> tuple[list[int], list[Weighed], list[str]]:
        """Keep the blocking keys of records whose features changed, and weigh them as they were and as they are.

        Gives the records' places, their pairs as they are, and every record to which a tie may have come or gone.
        """
        was = self._hold(feature_rows.old_features(self._conn, len(altered.other) + len(altered.gone)))
        new = self.load(map(str, altered.present))
        meeting = self._meeting(was, new)
        # Read before the swap: nothing has written to those pages then, so their index is all that is read.
        self._meet(meeting)
        block_rows.swap(self._conn, *meeting.swap())
        weighed = self._weigh(meeting)
        ends = {place for a, b, *_ in weighed for place in (a, b) if place not in was}
        now = [pair for pair in weighed if pair[0] not in was and pair[1] not in was]
        return new, now, [*meeting.crossed(), *(self.record(place) for place in sorted(ends))]

    def pairs(self, places: Sequence[int]) -> list[Weighed]:
        """Weigh each pair that touches these places: those whose weight reaches DOUBT or for which a rule holds."""
        meeting = self._meeting(places, places)
        self._meet(meeting)
        return self._weigh(meeting)

    def _meeting(self, before: Sequence[int], after: Sequence[int]) -> Meeting:
        """Key the records at these places as they were and as they are."""
        if max(len(before), len(after)) > KEYS_BY_HAND:
            was, now = (self._scales().keys(places) for places in (before, after))
            records = pl.DataFrame({"n": pl.Series(range(len(self._records)), dtype=pl.Int32), "record": self._records})
            return InColumns(*(keys.join(records, on="n").select(list(KEYS)) for keys in (was, now)))
        by_hand = handful(*self._model)
        was_now = (
            [(n, key, self.record(n)) for n in places for key in by_hand.keys(self.row(n))]
            for places in (before, after)
        )
        return ByHand(*was_now)

    def _meet(self, meeting: Meeting) -> None:
        self.load(meeting.met(block_rows.shared(self._conn, meeting.asked())))

    def _weigh(self, meeting: Meeting) -> list[Weighed]:
        pairs = meeting.pairs(self._place)
        if len(pairs) <= PAIRS_BY_HAND:
            return list(self._by_hand(pairs if isinstance(pairs, list) else pairs.rows()))
        if isinstance(pairs, list):
            pairs = pl.DataFrame(pairs, schema={end: WEIGHED[end] for end in "ab"}, orient="row")
        return self._scales().weigh(pairs).rows()

    def _by_hand(self, pairs: Iterable[tuple[int, int]]) -> Iterator[Weighed]:
        by_hand = handful(*self._model)
        rows = {place: self.row(place) for pair in pairs for place in pair}
        for a, b in sorted(pairs):
            rule, door, weight = by_hand.weigh(rows[a], rows[b])
            if rule is not None or weight >= model.DOUBT:
                yield a, b, rule, door, weight

    def _scales(self) -> Scales:
        """Put what was read since on the scales."""
        scales = _kept(*self._model, get_ident())
        if not self._on_scales:
            scales.empty()
        for start, held in self._chunks[self._on_scales :]:
            places = pl.Series("n", range(start, start + len(held)), dtype=pl.Int32)
            scales.add((held if isinstance(held, pl.DataFrame) else _frame(held)).with_columns(places))
        self._on_scales = len(self._chunks)
        return scales


def _frame(rows: Sequence[Feature]) -> pl.DataFrame:
    columns = zip(TYPES, zip(*rows, strict=True), strict=True)
    return cast(
        "pl.DataFrame", pl.from_arrow(pa.table({name: pa.array(values, ARROW[name]) for name, values in columns}))
    )


@lru_cache(maxsize=2)
def _kept(parameters: bytes, form: str, records: int, bearers: Bearers, thread: int) -> Scales:  # noqa: ARG001  the form and the thread tell one from another
    """Keep the last scales, one to a thread."""
    return Scales(orjson.loads(parameters), records, bearers)
