"""Draw the pairs that are looked at twice, and measure how well two reviewers agree. Pure.

The draw is a keyed hash of the pair: whoever decides neither knows nor chooses which pairs come again.
"""

import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wye.identity.words import Pair, Said

SHARE = 0.10
"""Part of the decided pairs that a second account decides again."""
LABEL = "second-look"
"""Label of the MAC key."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Hold how two reviewers agree. `kappa` is Cohen's (1960): agreement beyond chance; None where it has no meaning."""

    twice: int
    agreed: int
    rate: float | None
    kappa: float | None


def drawn(pair: Pair, key: bytes, share: float = SHARE) -> bool:
    """Say whether a pair is looked at twice."""
    digest = hmac.digest(key, pair[0].bytes + pair[1].bytes, "sha256")
    return int.from_bytes(digest[:8]) < share * 2**64


def agreement(answers: Sequence[tuple[Said, Said]]) -> Agreement:
    """Measure agreement of first and second answers."""
    total = len(answers)
    if not total:
        return Agreement(0, 0, None, None)
    agreed = sum(first == second for first, second in answers)
    first = Counter(one for one, _ in answers)
    second = Counter(two for _, two in answers)
    by_chance = sum(first[word] * second[word] for word in ("same", "different")) / total**2
    kappa = None if by_chance == 1 else (agreed / total - by_chance) / (1 - by_chance)
    return Agreement(total, agreed, agreed / total, kappa)
