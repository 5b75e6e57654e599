"""Remember what was seen as digests of eight bytes, so that a million rows cost eight megabytes."""

from collections.abc import Hashable, Iterable

import numpy as np
import numpy.typing as npt

from wye.quality.tables.rule import Memory

Digests = npt.NDArray[np.uint64]


def digests(marks: Iterable[Hashable]) -> Digests:
    """Digest what tells things apart. Python's own hash is another in every process: nothing outlives a read by it."""
    return np.fromiter((hash(mark) for mark in marks), dtype=np.int64).view(np.uint64)


class Seen(Memory):
    """Count repeats batch by batch. Two of a million different values share a digest once in forty million reads."""

    def __init__(self) -> None:
        self._sorted: Digests = np.empty(0, dtype=np.uint64)

    def repeats(self, digests: Digests) -> int:
        """Count those that repeat one of this or an earlier batch, and remember the others."""
        fresh = np.unique(digests)
        places = np.searchsorted(self._sorted, fresh)
        inside = places < len(self._sorted)
        known = np.zeros(len(fresh), dtype=bool)
        known[inside] = self._sorted[places[inside]] == fresh[inside]
        new = fresh[~known]
        self._sorted = np.insert(self._sorted, np.searchsorted(self._sorted, new), new)
        return len(digests) - len(new)
