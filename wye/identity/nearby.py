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
from wye.identity.scales import Scales
from wye.identity.weigh import Bearers
from wye.store.database import Connection

Weighed = tuple[int, int, int | None, bool, float]
"""Two places, the rule that holds (its place in RULES), whether they share a door, the weight."""

TRAITS = ("source", "given", "known_as", "middle", "family", "birth_date", "nhs_number", "sealed")
"""What conflict.Traits holds of a record, in its order."""
_AT = [list(TYPES).index(name) for name in TRAITS]

ARROW = {field.name: field.type for field in pl.DataFrame(schema=TYPES).to_arrow().schema}
"""The same types as Arrow's, by which lists are taken over a hundred times faster than row by row."""

PAIR = ["key", "record"]
PLACES: Mapping[str, Any] = {"record": pl.String, "other": pl.Int32}

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
        before, after = self._keys(was), self._keys(new)
        ended, begun = before.join(after, on=PAIR, how="anti"), after.join(before, on=PAIR, how="anti")
        keys = pl.concat([before, after])
        # Read before the swap: nothing has written to those pages then, so their index is all that is read.
        shared = self._shared(keys, ended, begun)
        block_rows.swap(self._conn, ended, begun)
        weighed = self._weigh(keys, shared)
        ends = {place for a, b, *_ in weighed for place in (a, b) if place not in was}
        now = [pair for pair in weighed if pair[0] not in was and pair[1] not in was]
        return new, now, [*_crossed(shared, ended, begun), *(self.record(place) for place in sorted(ends))]

    def pairs(self, places: Sequence[int]) -> list[Weighed]:
        """Weigh each pair that touches these places: those whose weight reaches DOUBT or for which a rule holds."""
        keys = self._keys(places)
        return self._weigh(keys, self._shared(keys, keys.clear(), keys.clear()))

    def _keys(self, places: Sequence[int]) -> pl.DataFrame:
        """Give the blocking keys of the records at these places: n, key, record."""
        if len(places) > KEYS_BY_HAND:
            keys = self._scales().keys(places)
        else:
            by_hand = handful(*self._model)
            rows = [(place, key) for place in places for key in by_hand.keys(self.row(place))]
            keys = pl.DataFrame(rows, schema={"n": pl.Int32, "key": pl.Int64}, orient="row")
        return keys.with_columns(record=pl.Series(map(self.record, keys["n"]), dtype=pl.String))

    def _shared(self, keys: pl.DataFrame, ended: pl.DataFrame, begun: pl.DataFrame) -> pl.DataFrame:
        """Give the records of each of these keys (block_rows.PLACED) as they will be once some ended and others began.

        None of a key that is a crowd's by then and was one before.
        """
        grown = pl.concat([begun.select("key", by=1), ended.select("key", by=-1)]).group_by("key").agg(pl.sum("by"))
        most = (
            keys.select("key")
            .unique()
            .join(grown, on="key", how="left")
            .sort("key")
            .select("key", most=model.CROWD - pl.min_horizontal(pl.col("by").fill_null(0), 0))
        )
        held = block_rows.shared(self._conn, most)
        counted = held.group_by("key").len("records").join(most, on="key")
        crowds = counted.filter(pl.col("records") > pl.col("most"))
        then = pl.concat([held.join(ended, on=PAIR, how="anti"), begun.select(PAIR)])
        return then.join(crowds, on="key", how="anti")

    def _weigh(self, keys: pl.DataFrame, shared: pl.DataFrame) -> list[Weighed]:
        """Weigh the pairs that keys bring: of a key's records, unless they are a crowd."""
        calm = shared.filter(pl.len().over("key") <= model.CROWD)
        near = calm["record"].unique().to_list()
        self.load(near)
        others = pl.DataFrame({"record": near, "other": [self._place.get(record) for record in near]}, PLACES)
        found = keys.join(others.rename({"other": "itself"}), on="record", how="left").join(
            calm.join(others.drop_nulls(), on="record").select("key", "other"), on="key"
        )
        pairs = (
            found.filter(pl.col("itself").ne_missing(pl.col("other")))
            .select(a=pl.min_horizontal("n", "other"), b=pl.max_horizontal("n", "other"))
            .unique()
        )
        if pairs.height <= PAIRS_BY_HAND:
            return list(self._by_hand(pairs.rows()))
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


def _crossed(shared: pl.DataFrame, ended: pl.DataFrame, begun: pl.DataFrame) -> list[str]:
    """Give the records of keys that a crowd has come to share, or no longer does: their pairs went or came."""
    now = pl.len().over("key")
    grown = pl.concat([begun.select("key", by=1), ended.select("key", by=-1)]).group_by("key").agg(pl.sum("by"))
    return (
        shared.join(grown, on="key")
        .filter((now <= model.CROWD) != (now - pl.col("by") <= model.CROWD))["record"]
        .to_list()
    )


@lru_cache(maxsize=2)
def _kept(parameters: bytes, form: str, records: int, bearers: Bearers, thread: int) -> Scales:  # noqa: ARG001  the form and the thread tell one from another
    """Keep the last scales, one to a thread."""
    return Scales(orjson.loads(parameters), records, bearers)
