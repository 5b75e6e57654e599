"""Say in words what another version of an agreement changes, and whether it then shares more or less. Pure.

Every key that an agreement can have is compared: what no rule here knows is still told, with what it was and what it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.catalogue import FIELDS
from wye.agreements.model import Agreement
from wye.vocabulary import ConsentUse, ObjectionUse, Onward, Transform


class Effect(StrEnum):
    """Say what a change does to what is shared."""

    MORE = "more"
    LESS = "less"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one change: where in the file, in words, and what it does."""

    place: str
    words: str
    effect: Effect


KEYS: Mapping[str, tuple[str, ...]] = {
    "data_items": ("direction", "entity", "field"),
    "parties": ("id",),
    "signatories": ("role", "party"),
    "tables": ("id",),
}
"""What names an element of a list, so that its order is no change."""
OPENNESS = {Transform.DROP: 0, Transform.FLAG_ONLY: 1, Transform.AS_IS: 3}
STRICTNESS = {ConsentUse.REQUIRED: 0, ConsentUse.HONOURED: 1, ConsentUse.NOT_USED: 2}
WAYS = {"out": "goes out", "in": "comes in", "count": "is counted by"}
REACH = {Onward.NONE: 0, Onward.NAMED: 1, Onward.ANYBODY: 2}
DAYS = {"Y": 365.25, "M": 30.44, "D": 1.0}
"""How long a unit of a period is, well enough to say which of two is the longer."""


def diff(before: Agreement, after: Agreement) -> list[Change]:
    """Compare two versions; what shares more comes first."""
    return compare(before.model_dump(by_alias=True), after.model_dump(by_alias=True))


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Compare what two versions say, as plain data."""
    return sorted(_compare((), before, after), key=lambda each: list(Effect).index(each.effect))


def in_words(changes: Sequence[Change]) -> str:
    """Write changes under three headings."""
    if not changes:
        return "nothing that is enforced differs"
    lines = []
    for effect, heading in (
        (Effect.MORE, "SHARES MORE"),
        (Effect.LESS, "SHARES LESS"),
        (Effect.OTHERWISE, "OTHERWISE"),
    ):
        if of_it := [f"  - {each.words}" for each in changes if each.effect is effect]:
            lines += [heading, *of_it, ""]
    return "\n".join(lines).rstrip()


def _compare(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _compare((*path, key), before.get(key), after.get(key))
    elif path and path[-1] in KEYS:
        yield from _compare_listed(path, before, after)
    elif _plain(before) and _plain(after):
        yield from _compare_values(path, before, after)
    else:
        told = f"{_label(path)}: was {_value(before)}, is {_value(after)}"
        yield Change(".".join(path), told, _effect(path, before, after))


def _compare_listed(path: tuple[str, ...], before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    names = KEYS[path[-1]]
    was, now = ({tuple(str(one[name]) for name in names): one for one in each} for each in (before, after))
    for key in sorted({*was, *now}):
        place = (*path, "/".join(key))
        if key not in was:
            yield Change(".".join(place), f"{_label(place)}: {_new(now[key])}", _effect(path, None, now[key]))
        elif key not in now:
            yield Change(".".join(place), f"{_label(place)}: taken away", _effect(path, was[key], None))
        else:
            yield from _compare(place, was[key], now[key])


def _compare_values(path: tuple[str, ...], before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    added, gone = [each for each in after if each not in before], [each for each in before if each not in after]
    if added:
        words = f"{_label(path)}: {', '.join(map(_value, added))} added"
        yield Change(".".join(path), words, _effect(path, None, added))
    if gone:
        words = f"{_label(path)}: {', '.join(map(_value, gone))} taken away"
        yield Change(".".join(path), words, _effect(path, gone, None))
    if not added and not gone:
        yield Change(".".join(path), f"{_label(path)}: in another order", Effect.OTHERWISE)


def _plain(value: Any) -> bool:
    return isinstance(value, tuple) and not any(isinstance(each, dict) for each in value)


def _new(item: Mapping[str, Any]) -> str:
    why = f". Why: {item['justification']}" if "justification" in item else ""
    done = f", {item['transform']}" if "transform" in item else ""
    sources = f", from {', '.join(item['sources'])}" if "sources" in item else ""
    known = f". Told even of people whose address is kept safe: {item['must_know']}" if item.get("must_know") else ""
    return f"new{done}{sources}{why}{known}"


def _label(path: tuple[str, ...]) -> str:
    """Name a place for a reader: an item by what its field means, all else by its keys."""
    if path[0] == "data_items" and len(path) > 1:
        direction, entity, field = path[1].split("/")
        facts = FIELDS.get((entity, field))
        about = f" ({facts.description.rstrip('.')})" if facts is not None else ""
        rest = f", {' '.join(path[2:])}" if path[2:] else ""
        return f"what {WAYS.get(direction, direction)}: {entity} {field}{about}{rest}".replace("_", " ")
    return " ".join(path).replace("_", " ").replace("/", " of ")


def _value(value: Any) -> str:
    if value is None:
        return "not said"
    if isinstance(value, dict):
        return "; ".join(f"{key} {_value(each)}" for key, each in value.items() if each not in (None, ()))
    if isinstance(value, tuple):
        return ", ".join(_value(each) for each in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`"


Judge = Callable[[Any, Any], int]
"""More than zero: shares more. Less: shares less. A missing value is None; of a list, what was added or taken away."""


def _effect(path: tuple[str, ...], before: Any, after: Any) -> Effect:
    judge = JUDGES.get(_rule(path))
    balance = judge(before, after) if judge is not None else 0
    return Effect.MORE if balance > 0 else Effect.LESS if balance < 0 else Effect.OTHERWISE


def _rule(path: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out which element of a list it is: the same rule holds for each."""
    return tuple(name for place, name in enumerate(path) if place == 0 or path[place - 1] not in KEYS)


def _rank(order: Callable[[Any], float]) -> Judge:
    return lambda before, after: (order(after) > order(before)) - (order(after) < order(before))


def _openness(transform: Any) -> float:
    return OPENNESS.get(transform, 2)


def _item(before: Any, after: Any) -> int:
    """A new item shares more, unless it stands there only to be dropped."""
    was, now = (_openness(each["transform"]) if each is not None else 0 for each in (before, after))
    return (now > was) - (now < was)


def _days(period: Any) -> float:
    return int(period[1:-1]) * DAYS[period[-1]]


def _added(before: Any, after: Any) -> int:
    return (after is not None) - (before is not None)


def _taken_away(before: Any, after: Any) -> int:
    return -_added(before, after)


JUDGES: Mapping[tuple[str, ...], Judge] = {
    ("data_items",): _item,
    ("data_items", "transform"): _rank(_openness),
    ("data_items", "sources"): _added,
    ("data_items", "roles"): _added,
    ("data_items", "retention", "period"): _rank(_days),
    ("data_items", "must_know"): _added,
    ("data_items", "rows"): _taken_away,
    ("data_items", "rows", "field"): _taken_away,
    ("data_items", "rows", "in"): _added,
    ("data_items", "rows", "open"): _rank(lambda each: not each),
    ("subjects", "has", "in"): _added,
    ("subjects", "has", "sources"): _added,
    ("subjects", "has", "open"): _rank(lambda each: not each),
    ("subjects", "minimum_age"): _rank(lambda each: -(each or 0)),
    ("subjects", "maximum_age"): _rank(lambda each: 1000 if each is None else each),
    ("consent", "use"): _rank(lambda each: STRICTNESS.get(each, 0)),
    ("consent", "objections", "use"): _rank(lambda each: each is ObjectionUse.NOT_USED),
    ("national_data_opt_out", "applies"): _rank(lambda each: not each),
    ("parties", "may"): _added,
    ("relationship",): _added,
    ("relationship", "any_of"): _added,
    ("relationship", "trained_within"): _rank(lambda each: 100_000 if each is None else _days(each)),
    ("break_glass", "permitted"): _rank(bool),
    ("onward", "permitted"): _rank(lambda each: REACH.get(each, 0)),
    ("aggregates",): _added,
    ("aggregates", "tables"): _added,
    ("aggregates", "tables", "by"): _added,
    ("aggregates", "minimum"): _rank(lambda each: -each),
    ("aggregates", "round_to"): _rank(lambda each: -each),
    ("onward", "to"): _added,
    ("onward", "handling"): _taken_away,
    ("purpose", "prohibited"): _taken_away,
    ("retention", "period"): _rank(_days),
    ("effective",): _rank(lambda each: -each.toordinal()),
    ("expires",): _rank(lambda each: each.toordinal()),
}
"""What makes an agreement share more or less; of all else a reader has to judge."""
