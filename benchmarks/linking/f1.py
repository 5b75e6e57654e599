"""Measure F1 on labelled records: Wye as the layout says and as a hub joins, plain Splink at 0.95 and at its best."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.linking import plain_splink
from benchmarks.linking.labelled import Labelled
from benchmarks.linking.sets import SETS, from_path
from wye.county.truth import compare
from wye.identity import model
from wye.identity.link import link
from wye.identity.training import train

NAME = "link_f1"
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Score:
    """Hold how well pairs were found. `false_merges` counts the people that hold records of more than one."""

    f1: float
    precision: float
    recall: float
    false_merges: int


@dataclass(frozen=True, slots=True)
class F1:
    """Hold one set's figures: one entry of `var/bench.json`."""

    name: str
    records: int
    pairs: int
    told: str
    wye: Score
    """From the weight of the layout: even odds, or where there are families as a hub joins."""
    careful: Score
    """As a hub joins: from model.JOIN, whatever the layout."""
    splink_sure: Score
    splink_best: Score
    best_at: float

    def entry(self) -> dict[str, object]:
        """Write it as `var/bench.json` holds it."""
        scores = {
            "wye": self.wye,
            "careful": self.careful,
            "splink_sure": self.splink_sure,
            "splink_best": self.splink_best,
        }
        rounded = {name: _rounded(asdict(score)) for name, score in scores.items()}
        return {
            "name": f"{NAME}_{self.name}",
            "value": round(self.wye.f1, 4),
            "unit": "F1 of pairs",
            "peer": "plain Splink 5.0.0 with the settings of its demos, at its best threshold by the labels",
            "peer_value": round(self.splink_best.f1, 4),
            "ratio": round(self.wye.f1 / self.splink_best.f1, 4) if self.splink_best.f1 else 0.0,
            "records": self.records,
            "pairs": self.pairs,
            "told": self.told,
            "best_at": round(self.best_at, 4),
            **rounded,
        }


def measure(name: str, say: Callable[[str], None]) -> F1:
    """Measure one set by its name in SETS."""
    say(f"{NAME}_{name}: reading")
    return _measured(SETS[name](), say)


def measure_path(path: Path, say: Callable[[str], None]) -> F1:
    """Measure a labelled set of the user's."""
    return _measured(from_path(path), say)


def _measured(found: Labelled, say: Callable[[str], None]) -> F1:
    layout = found.layout
    say(f"{NAME}_{found.name}: {len(found.rows)} records, {found.pairs} true pairs ({layout.told}); learning")
    parameters = train(found.features, layout.objects, layout.blocks)
    say(f"{NAME}_{found.name}: linking")
    careful = _wye(found, parameters, model.JOIN)
    wye = careful if layout.join == model.JOIN else _wye(found, parameters, layout.join)
    say(f"{NAME}_{found.name}: Wye {_told(wye)}; as a hub joins {_told(careful)}; plain Splink")
    scored = sorted(plain_splink.pairs(found), reverse=True)
    sure = _splink(found, [(a, b) for p, a, b in scored if p >= SURE])
    best, best_at = _best(found, scored)
    say(f"{NAME}_{found.name}: Splink at {SURE} {_told(sure)}; at its best ({best_at:.3f}) {_told(best)}")
    return F1(found.name, len(found.rows), found.pairs, layout.told, wye, careful, sure, best, best_at)


def _wye(found: Labelled, parameters: model.Parameters, join: float) -> Score:
    linked = link(found.features, parameters, found.layout.way(join))
    said = {("", "", str(n)): person for n, person in enumerate(linked.person)}
    score = compare(said, {("", "", str(n)): found.person[place] for n, place in enumerate(found.place)})
    return Score(score.f1, score.precision, score.recall, score.false_merges)


def _splink(found: Labelled, joined: Sequence[tuple[int, int]]) -> Score:
    right = sum(found.person[a] == found.person[b] for a, b in joined)
    precision = right / len(joined) if joined else 1.0
    recall = right / found.pairs if found.pairs else 1.0
    f1 = 2 * right / (len(joined) + found.pairs)
    return Score(f1, precision, recall, _false_merges(found, joined))


def _best(found: Labelled, scored: Sequence[tuple[float, int, int]]) -> tuple[Score, float]:
    """Find the threshold with the best F1 of pairs, by the labels."""
    right, best, last = 0, (0.0, 0), len(scored) - 1
    for place, (p, a, b) in enumerate(scored):
        right += found.person[a] == found.person[b]
        if place == last or scored[place + 1][0] != p:
            best = max(best, (2 * right / (place + 1 + found.pairs), place + 1))
    joined = [(a, b) for _, a, b in scored[: best[1]]]
    return _splink(found, joined), scored[best[1] - 1][0] if joined else 1.0


def _false_merges(found: Labelled, joined: Sequence[tuple[int, int]]) -> int:
    """Count the people that following the joined pairs makes out of more than one."""
    root = list(range(len(found.rows)))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for a, b in joined:
        one, other = sorted((find(a), find(b)))
        root[other] = one
    people: dict[int, set[str]] = {}
    for place, person in enumerate(found.person):
        people.setdefault(find(place), set()).add(person)
    return sum(len(each) > 1 for each in people.values())


def table(measures: Sequence[F1]) -> str:
    """Write a table for people, which stands in docs/performance.md as it is."""
    lines = [
        "| set | records | Wye: F1, precision, recall, false merges | Wye as a hub joins | Splink at 0.95 | Splink at its best |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{each.name}` | {each.records:,} | {_told(each.wye)} | {_told(each.careful)} | {_told(each.splink_sure)}"
        f" | {_told(each.splink_best)} |"
        for each in measures
    ]
    return "\n".join(lines)


def _told(score: Score) -> str:
    return f"{score.f1:.4f}, {score.precision:.4f}, {score.recall:.4f}, {score.false_merges}"


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}
