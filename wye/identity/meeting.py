"""Find which records meet by a blocking key, when some records' keys end and others begin. Pure: reads and writes nothing.

Two ways that give the same (tests/identity/test_meeting.py): by hand for few records, where an operation on columns takes
longer than all of it, and in columns for many.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from wye.identity import model

Key = tuple[int, int, str]
"""The place of a record's features, one of their blocking keys, and the record."""
KEYS: Mapping[str, Any] = {"n": pl.Int32, "key": pl.Int64, "record": pl.String}
"""The same in columns."""
Placed = tuple[int, str]
"""A blocking key, and a record that has it."""
PAIR = ["key", "record"]
PLACED: Mapping[str, Any] = {"key": pl.Int64, "record": pl.String}


class Meeting(Protocol):
    """Hold the keys of some records, as they were and as they are, and by and by who else has them."""

    def swap(self) -> tuple[Iterator[Placed], Iterator[Placed]]:
        """Give what ended and what begins."""

    def asked(self) -> Iterator[tuple[int, int]]:
        """Give each key in order, and up to how many records of it are wanted: of a crowd's none are, before and after."""

    def met(self, found: str) -> list[str]:
        """Take what is kept (`key,record` a line, before the swap, one more than wanted of a crowd); give who is met."""

    def crossed(self) -> list[str]:
        """Give the records of keys that a crowd has come to share, or no longer does: their pairs went or came."""

    def pairs(self, place: Mapping[str, int]) -> "list[tuple[int, int]] | pl.DataFrame":
        """Give the pairs of places (a, b), a before b, that share a key which is no crowd's; none of a record with itself."""


class ByHand:
    """Do it in Python."""

    def __init__(self, before: Sequence[Key], after: Sequence[Key]) -> None:
        self._keys = {*before, *after}
        was, now = {key[1:] for key in before}, {key[1:] for key in after}
        self._ended, self._begun = was - now, now - was
        self._grown = Counter(key for key, _ in self._begun)
        self._grown.subtract(key for key, _ in self._ended)
        self._shared: dict[int, set[str]] = {}

    def swap(self) -> tuple[Iterator[Placed], Iterator[Placed]]:
        """See Meeting."""
        return iter(sorted(self._ended)), iter(sorted(self._begun))

    def asked(self) -> Iterator[tuple[int, int]]:
        """See Meeting."""
        return ((key, self._most(key)) for key in sorted({key for _, key, _ in self._keys}))

    def _most(self, key: int) -> int:
        return model.CROWD - min(self._grown[key], 0)

    def met(self, found: str) -> list[str]:
        """See Meeting."""
        held: dict[int, set[str]] = defaultdict(set)
        for line in found.splitlines():
            number, met = line.split(",")
            held[int(number)].add(met)
        crowds = {key for key, records in held.items() if len(records) > self._most(key)}
        for key, record in self._ended:
            held[key].discard(record)
        for key, record in self._begun:
            held[key].add(record)
        self._shared = {key: records for key, records in held.items() if key not in crowds}
        return sorted({record for _, records in self._calm() for record in records})

    def _calm(self) -> Iterable[tuple[int, set[str]]]:
        return ((key, records) for key, records in self._shared.items() if len(records) <= model.CROWD)

    def crossed(self) -> list[str]:
        """See Meeting."""
        crossed = set[str]()
        for key, records in self._shared.items():
            now, by = len(records), self._grown[key]
            if (now <= model.CROWD) != (now - by <= model.CROWD):
                crossed |= records
        return sorted(crossed)

    def pairs(self, place: Mapping[str, int]) -> list[tuple[int, int]]:
        """See Meeting."""
        near = {key: [place[record] for record in records if record in place] for key, records in self._calm()}
        found = set[tuple[int, int]]()
        for n, key, record in self._keys:
            itself = place.get(record)
            found.update((min(n, other), max(n, other)) for other in near.get(key, ()) if other != itself)
        return sorted(found)


class InColumns:
    """Do it in polars."""

    def __init__(self, before: pl.DataFrame, after: pl.DataFrame) -> None:
        self._keys = pl.concat([before, after]).unique()
        self._ended = before.join(after, on=PAIR, how="anti")
        self._begun = after.join(before, on=PAIR, how="anti")
        changes = [self._begun.select("key", by=1), self._ended.select("key", by=-1)]
        grown = pl.concat(changes).group_by("key").agg(pl.sum("by"))
        self._most = (
            self._keys.select("key")
            .unique()
            .join(grown, on="key", how="left")
            .select(
                "key", pl.col("by").fill_null(0), most=model.CROWD - pl.min_horizontal(pl.col("by").fill_null(0), 0)
            )
            .sort("key")
        )
        self._shared = pl.DataFrame(schema=PLACED)

    def swap(self) -> tuple[Iterator[Placed], Iterator[Placed]]:
        """See Meeting."""
        ended, begun = (each.select(PAIR).sort(PAIR).iter_rows() for each in (self._ended, self._begun))
        return ended, begun

    def asked(self) -> Iterator[tuple[int, int]]:
        """See Meeting."""
        return self._most.select("key", "most").iter_rows()

    def met(self, found: str) -> list[str]:
        """See Meeting."""
        held = pl.read_csv(found.encode(), has_header=False, schema=PLACED) if found else self._shared
        counted = held.group_by("key").len("records").join(self._most, on="key")
        crowds = counted.filter(pl.col("records") > pl.col("most"))
        then = pl.concat([held.join(self._ended, on=PAIR, how="anti"), self._begun.select(PAIR)])
        self._shared = then.join(crowds, on="key", how="anti")
        return self._calm()["record"].unique().sort().to_list()

    def _calm(self) -> pl.DataFrame:
        return self._shared.filter(pl.len().over("key") <= model.CROWD)

    def crossed(self) -> list[str]:
        """See Meeting."""
        now = pl.len().over("key")
        changed = self._shared.join(self._most, on="key")
        crossed = changed.filter((now <= model.CROWD) != (now - pl.col("by") <= model.CROWD))
        return crossed["record"].unique().sort().to_list()

    def pairs(self, place: Mapping[str, int]) -> pl.DataFrame:
        """See Meeting."""
        calm = self._calm()
        near = calm["record"].unique().to_list()
        places = pl.DataFrame(
            {"record": near, "other": [place.get(record) for record in near]}, {"record": pl.String, "other": pl.Int32}
        )
        others = calm.join(places.drop_nulls(), on="record").select("key", "other")
        found = self._keys.join(places.rename({"other": "itself"}), on="record", how="left").join(others, on="key")
        return (
            found.filter(pl.col("itself").ne_missing(pl.col("other")))
            .select(a=pl.min_horizontal("n", "other"), b=pl.max_horizontal("n", "other"))
            .unique()
        )
