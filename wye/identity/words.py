"""Hold what humans say of pairs of records, and refuse words that contradict each other. Pure.

`same` is a must-link, `different` a cannot-link. Same is handed on (a is b and b is c, so a is c), different is not.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal
from uuid import UUID

from wye.errors import UsageError

Said = Literal["same", "different"]
Pair = tuple[UUID, UUID]
"""Two records, the lower id first."""

TAKE_BACK = "take one of these words back first: `wye people undo EVENT --reason`"


@dataclass(frozen=True, slots=True)
class Word:
    """Hold one word about one pair, and the event that said it (none: before words had events)."""

    pair: Pair
    said: Said
    event: UUID | None


def ordered(a: UUID, b: UUID) -> Pair:
    """Write two records as a pair."""
    return (a, b) if a < b else (b, a)


def between(left: Iterable[UUID], right: Iterable[UUID]) -> list[Pair]:
    """List every pair of a record of the one side and a record of the other."""
    return sorted({ordered(a, b) for a, b in product(left, right) if a != b})


def check(words: Iterable[Word], now: UUID | None = None) -> None:
    """Raise UsageError, naming the events, if words contradict each other; `now` is the event that is being said."""
    found = contradiction({word.pair: word for word in words})
    if found is None:
        return
    apart, chain = found
    a, b = apart.pair
    by = list(dict.fromkeys(named(word.event, now) for word in chain))
    raise UsageError(
        f"records `{a}` and `{b}` would be two people by {named(apart.event, now)} and one by {' and '.join(by)}; "
        f"{TAKE_BACK}"
    )


def contradiction(words: Mapping[Pair, Word]) -> tuple[Word, Sequence[Word]] | None:
    """Find the first pair that is said to be two people though other words make them one, with the shortest chain."""
    same: dict[UUID, list[Word]] = defaultdict(list)
    for pair in sorted(words):
        if words[pair].said == "same":
            for record in pair:
                same[record].append(words[pair])
    for pair in sorted(words):
        if words[pair].said == "different":
            chain = _chain(pair, same)
            if chain:
                return words[pair], chain
    return None


def _chain(pair: Pair, same: Mapping[UUID, Sequence[Word]]) -> list[Word]:
    start, end = pair
    came: dict[UUID, tuple[UUID, Word] | None] = {start: None}
    queue = deque([start])
    while queue and end not in came:
        here = queue.popleft()
        for word in same.get(here, ()):
            there = word.pair[0] if word.pair[1] == here else word.pair[1]
            if there not in came:
                came[there] = (here, word)
                queue.append(there)
    chain: list[Word] = []
    step = came.get(end)
    while step is not None:
        chain.append(step[1])
        step = came[step[0]]
    return chain[::-1]


def named(event: UUID | None, now: UUID | None = None) -> str:
    """Name an event in a sentence."""
    if event is None:
        return "an earlier word"
    return "what is said now" if event == now else f"event `{event}`"
