"""Order what sources say of an attribute, best first, and say why. Pure.

First what a steward found right, then what its source had checked against a national register (a traced NHS number wins
whatever the rank of its source), then source rank, recency, completeness, record.

INVARIANT: the order is total and looks at each candidate on its own, so leaving out sources keeps the order of the
others. Sharing relies on it: an agreement names the sources it permits, and the first permitted candidate is the value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from wye.store.known import Candidate, KnownRow

ONLY = "the only source that says anything"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hold whose word comes first, and why."""

    order: Mapping[str, int]
    reason: str

    def of(self, source: str) -> int:
        """Give a source's rank; one that is not named comes last."""
        return self.order.get(source, len(self.order))


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hold one candidate with the reason for its place: why it won, or why the one before it is better."""

    candidate: Candidate
    reason: str


@cache
def ranking(entity: str, attribute: str | None = None) -> Ranking:
    """Find the ranking of an attribute of `person`, or of another entity's rows."""
    table = _table()
    found = table.get(entity, {}).get(attribute) if attribute else table["entities"].get(entity)
    line = found or table["default"]
    return Ranking({source: place for place, source in enumerate(line["order"])}, line["reason"])


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "source_ranks.yaml").read_text())
    return found


def rank(candidates: Iterable[Candidate], entity: str, attribute: str) -> tuple[Candidate, ...]:
    """Order candidates of one attribute, best first."""
    found = tuple(candidates)
    if len(found) < 2:  # noqa: PLR2004  nothing to order
        return found
    by = ranking(entity, attribute)
    places = {by.of(candidate.source) for candidate in found}
    marked = any(candidate.accepted or candidate.verified for candidate in found)
    if len(places) == len(found) and not marked:  # no two of one rank: the rank, first in the key, decides alone
        return tuple(sorted(found, key=lambda candidate: by.of(candidate.source)))
    return tuple(sorted(found, key=lambda candidate: _key(candidate, by)))


def explain(ordered: Iterable[Candidate], entity: str, attribute: str) -> list[Ranked]:
    """Give each ordered candidate its reason, in words: the first why it won, the others why they lost to it."""
    by = ranking(entity, attribute)
    explained: list[Ranked] = []
    best: Candidate | None = None
    others = list(ordered)
    for candidate in others:
        if best is None:
            best = candidate
            explained.append(Ranked(candidate, _won(others, by)))
        else:
            explained.append(Ranked(candidate, _lost(candidate, best, by)))
    return explained


def rank_rows(entity: str, rows: Iterable[KnownRow]) -> tuple[KnownRow, ...]:
    """Order rows of another entity, best first: what still lasts, homes before other addresses, then as candidates."""
    found = tuple(rows)
    if len(found) < 2:  # noqa: PLR2004  nothing to order
        return found
    by = ranking(entity)

    def standing(row: KnownRow) -> tuple[bool, bool, int, float, int]:
        values = row.values
        return (
            values.get("to_date") is not None,
            entity == "address" and values.get("kind") not in ("home", None),
            *_standing(by.of(row.source), row.observed_at),
            row.record.int,
        )

    keyed = [(standing(row), row) for row in found]
    if len({key for key, _ in keyed}) == len(keyed):  # what is written in the rows need not break a tie
        return tuple(row for _, row in sorted(keyed, key=lambda each: each[0]))
    return tuple(
        row
        for _, row in sorted(
            keyed, key=lambda each: (each[0], orjson.dumps(each[1].values, option=orjson.OPT_SORT_KEYS))
        )
    )


def completeness(value: object) -> int:
    """Measure how full a value is: the characters of its JSON, so that a name is fuller than its initial."""
    return len(orjson.dumps(value).decode())


def _key(candidate: Candidate, by: Ranking) -> tuple[Any, ...]:
    return (
        not candidate.accepted,
        not candidate.verified,
        *_standing(by.of(candidate.source), candidate.observed_at),
        -completeness(candidate.value),
        candidate.record.int,
        orjson.dumps(candidate.value),
        candidate.source,
    )


def _standing(place: int, observed_at: datetime) -> tuple[int, float]:
    return place, -(observed_at - EPOCH).total_seconds()


def _won(ordered: list[Candidate], by: Ranking) -> str:
    best = ordered[0]
    if best.accepted:
        return "a steward found it right"
    if len(ordered) == 1:
        return ONLY
    if best.verified and not all(other.verified for other in ordered):
        return "traced: its source says that it was checked against the national register"
    if any(by.of(other.source) != by.of(best.source) for other in ordered):
        return f"ranked first of the sources that say anything: {by.reason}"
    return "the latest of its source" if ordered[1].observed_at < best.observed_at else "the fullest of its source"


def _lost(candidate: Candidate, best: Candidate, by: Ranking) -> str:
    if candidate.value == best.value:
        return "says the same"
    lower = _lower(candidate, best, by)
    if lower is not None:
        return lower
    if candidate.observed_at < best.observed_at:
        return "older"
    if completeness(candidate.value) < completeness(best.value):
        return "less full"
    return "equal in all; the lower record id stands first"


def _lower(candidate: Candidate, best: Candidate, by: Ranking) -> str | None:
    """Say why a candidate is of lower standing, whenever it was said."""
    if best.accepted and not candidate.accepted:
        return "a steward found another value right"
    if best.verified and not candidate.verified:
        return "its source does not say that it was traced"
    return "its source is ranked lower" if by.of(candidate.source) > by.of(best.source) else None
