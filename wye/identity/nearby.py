"""Find the pairs of a few records by the blocking keys kept in PostgreSQL, and weigh these pairs alone.

Reads the features of the records asked for and of those that share a key with them, nothing else.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from threading import get_ident

import orjson
import polars as pl

from wye.identity import block_rows, feature_rows, model
from wye.identity.block_rows import Footing
from wye.identity.scales import Scales
from wye.identity.weigh import Bearers
from wye.store.database import Connection

Weighed = tuple[int, int, int | None, bool, float]
"""Two places, the rule that holds (its place in RULES), whether they share a door, the weight."""

TRAITS = ("source", "given", "known_as", "middle", "family", "birth_date", "nhs_number", "sealed")


class Nearby:
    """Hold the records read so far, each at a place in the order of reading. One run of identify makes one."""

    def __init__(self, conn: Connection, parameters: model.Parameters, footing: Footing) -> None:
        self._conn = conn
        body = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS)
        self._scales = _scales(body, footing.form, footing.records, footing.bearers, get_ident())
        self._scales.empty()
        self.records: list[str] = []
        self.traits: list[tuple[object, ...]] = []
        """TRAITS of the record at each place."""
        self._place: dict[str, int] = {}
        self._absent: set[str] = set()

    def load(self, records: Iterable[str]) -> list[int]:
        """Read the features of these records unless that is done; gives the places of those that have any."""
        asked = list(dict.fromkeys(records))
        missing = [record for record in asked if record not in self._place and record not in self._absent]
        if missing:
            found = feature_rows.features_of(self._conn, missing)
            for place, record in zip(self._add(found), found["record"], strict=True):
                self._place[record] = place
            self._absent.update(record for record in missing if record not in self._place)
        return [self._place[record] for record in asked if record in self._place]

    def alter(self, records: Iterable[str]) -> tuple[list[int], list[Weighed], list[str]]:
        """Keep the blocking keys of records whose features changed, and weigh them as they were and as they are.

        Gives the records' places, their pairs as they are, and every record to which a tie may have come or gone.
        """
        old = self._add(feature_rows.old_features(self._conn))
        new = self.load(records)
        keys = self._scales.keys([*old, *new])
        named = keys.with_columns(
            record=pl.col("n").replace_strict(dict(enumerate(self.records)), return_dtype=pl.String),
            old=pl.col("n").is_in(old),
        )
        before, after = (named.filter(pl.col("old") == is_old).select("key", "record") for is_old in (True, False))
        crossed = block_rows.swap(self._conn, before, after)
        weighed = self._weigh(keys)
        was = set(old)
        ends = {place for a, b, *_ in weighed for place in (a, b) if place not in was}
        now = [pair for pair in weighed if pair[0] not in was and pair[1] not in was]
        return new, now, [*crossed, *(self.records[place] for place in sorted(ends))]

    def pairs(self, places: Sequence[int]) -> list[Weighed]:
        """Weigh each pair that touches these places: those whose weight reaches DOUBT or for which a rule holds."""
        return self._weigh(self._scales.keys(places)) if places else []

    def _add(self, features: pl.DataFrame) -> list[int]:
        first = len(self.records)
        if features.is_empty():
            return []
        self.records += features["record"].to_list()
        self.traits += features.select(TRAITS).iter_rows()
        places = range(first, len(self.records))
        self._scales.add(features.with_columns(n=pl.Series(places, dtype=pl.Int32)))
        return list(places)

    def _weigh(self, keys: pl.DataFrame) -> list[Weighed]:
        if keys.is_empty():
            return []
        shared = block_rows.near(self._conn, keys)
        self.load(record for _, record in shared)
        pairs = set()
        for place, record in shared:
            other = self._place.get(record)
            if other is not None and self.records[place] != record:
                pairs.add((min(place, other), max(place, other)))
        if not pairs:
            return []
        frame = pl.DataFrame(list(pairs), schema={"a": pl.Int32, "b": pl.Int32}, orient="row")
        return self._scales.weigh(frame).rows()


@lru_cache(maxsize=2)
def _scales(parameters: bytes, form: str, records: int, bearers: Bearers, thread: int) -> Scales:  # noqa: ARG001  the form and the thread tell one from another
    """Keep the last scales: to prepare them takes longer than to weigh one person's records. One to a thread."""
    return Scales(orjson.loads(parameters), records, bearers)
