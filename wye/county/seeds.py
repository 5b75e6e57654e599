"""Derive every choice from the county's seed, so that one seed makes the same bytes everywhere."""

from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random


def stream(seed: int, *parts: object) -> Random:
    """Return the source of chance for one thing, such as a household in one system: independent of all others."""
    return Random("|".join((str(seed), *map(str, parts))))


def day_between(rng: Random, first: date, last: date) -> date:
    """Choose a day from `first` to `last`, both inclusive; `first` if they are the wrong way round."""
    return first + timedelta(days=int(rng.random() * (max(0, (last - first).days) + 1)))


def instant(rng: Random, day: date) -> str:
    """Choose an office-hours instant on a day: ISO 8601 without a zone, as the systems write UTC."""
    minutes = 8 * 60 + int(rng.random() * 600)
    return f"{day.isoformat()}T{minutes // 60:02d}:{minutes % 60:02d}:{int(rng.random() * 60):02d}"


def guid(rng: Random) -> str:
    """Make a random-looking version 4 UUID from the seed."""
    digits = f"{rng.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class Frequencies:
    """Choose among words listed in order of frequency: weight 1 / (place + 6)."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._cumulated = list(accumulate(1 / (place + 6) for place in range(1, len(self.words) + 1)))

    def choose(self, rng: Random) -> str:
        """Choose one word."""
        return self.words[bisect(self._cumulated, rng.random() * self._cumulated[-1], 0, len(self.words) - 1)]
