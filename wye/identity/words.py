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


@dataclass(frozen=True, slots=True)
class Word:
    """Hold one word about one pair, and the event that said it (none: it is being said now, or before events)."""

    pair: Pair
    said: Said
    event: UUID | None


def ordered(a: UUID, b: UUID) -> Pair:
    """Write two records as a pair."""
    return (a, b) if a < b else (b, a)


def between(left: Iterable[UUID], right: Iterable[UUID]) -> list[Pair]:
    """List every pair of a record of the one side and a record of the other."""
    return sorted({ordered(a, b) for a, b in product(left, right) if a != b})


def check(known: Iterable[Word], new: Iterable[Word], without: UUID | None = None) -> None:
    """Raise UsageError, naming the events, if the words would contradict each other.

    A new word takes the place of the known one about the same pair; those of event `without` are taken back.
    """
    in_force = {word.pair: word for word in known if without is None or word.event != without}
    in_force.update({word.pair: word for word in new})
    found = contradiction(in_force)
    if found is not None:
        apart, chain = found
        raise UsageError(_sentence(apart, chain))


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


def _sentence(apart: Word, chain: Sequence[Word]) -> str:
    a, b = apart.pair
    events = list(dict.fromkeys(_named(word.event) for word in chain))
    return (
        f"records `{a}` and `{b}` would be two people by {_named(apart.event)} and one by {' and '.join(events)}; "
        "take one of these words back first: `wye people undo EVENT --reason`"
    )


def _named(event: UUID | None) -> str:
    return "what is said now" if event is None else f"event `{event}`"
