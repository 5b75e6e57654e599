"""What a new version of an agreement changes is told in words, none left out, and shares more, less, or neither."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import example_agreements as examples
import pytest

from wye.agreements.diff import Effect, compare, diff, in_words
from wye.agreements.in_force import read_agreement
from wye.agreements.loading import load
from wye.agreements.model import Agreement
from wye.cli.main import run

HOSPITAL = "adult-care-acute"


def changed(**values: Any) -> list[tuple[str, str]]:
    """Change the hospital's agreement at `a__b__0`; gives what is told as (effect, words)."""
    content = examples.plain(HOSPITAL)
    for path, value in values.items():
        at, *rest = path.split("__")[::-1]
        part = content
        for key in reversed(rest):
            part = part[int(key)] if isinstance(part, list) else part[key]
        part[int(at) if isinstance(part, list) else at] = value
    before = read_agreement(examples.AGREEMENTS / HOSPITAL).agreement
    after = load(Agreement, examples.dumped(content), "agreement.yaml").value
    return [(each.effect.value, each.words) for each in diff(before, after)]


@pytest.mark.parametrize(
    ("values", "effect", "words"),
    [
        ({"data_items__1__transform": "initial"}, "less", "given name (First given name), transform: was `as-is`, is `initial`"),
        ({"data_items__0__sources": ["frameworki", "crm", "agresso"]}, "more", "sources: `agresso` added"),
        ({"data_items__0__roles": ["feed"]}, "less", "roles: `discharge-coordinator` taken away"),
        ({"data_items__8__rows": None}, "more", "home, correspondence, temporary or placement), rows: was open yes, is not said"),
        ({"subjects__minimum_age": 16}, "more", "subjects minimum age: was `18`, is `16`"),
        ({"subjects__has__open": False}, "more", "subjects has open: was yes, is no"),
        ({"consent__use": "required"}, "less", "consent use: was `honoured`, is `required`"),
        ({"national_data_opt_out__applies": True}, "less", "national data opt out applies: was no, is yes"),
        ({"purpose__prohibited": ["immigration enforcement"]}, "more", "purpose prohibited: `deciding who may be charged"),
        ({"retention__period": "P100M"}, "more", "retention period: was `P8Y`, is `P100M`"),
        ({"parties__0__may": ["disclose"]}, "less", "parties arrowshire-council may: `receive` taken away"),
        ({"relationship__any_of": ["cares-for-the-person"]}, "less", "relationship any of: `duty-worker` taken away"),
        ({"relationship__trained_within": "P1Y"}, "less", "relationship trained within: was not said, is `P1Y`"),
        ({"relationship": None}, "less", "relationship: was any_of `cares-for-the-person`, `duty-worker`; why `A discharge"),
        ({"break_glass__permitted": True}, "more", "break glass permitted: was no, is yes"),
        ({"data_items__0__retention": {"period": "P1Y", "start": "receipt"}}, "otherwise", "retention: was not said, is period `P1Y`; start `receipt`"),
        ({"termination__on_end": ["deleted"]}, "otherwise", "termination on end: `returned`, `kept-under-own-duty` taken away"),
        ({"lapse": {"refer_to": "the head of adult care"}}, "otherwise", "lapse: was not said, is refer_to `the head of adult care`"),
        ({"expires": date(2027, 3, 31)}, "less", "expires: was `2028-03-31`, is `2027-03-31`"),
        ({"gateway__section": "s251A"}, "otherwise", "gateway section: was `s251B`, is `s251A`"),
        ({"title": "Another"}, "otherwise", "title: was `Adult social care and hospital stays`, is `Another`"),
    ],
)  # fmt: skip
def test_change_is_told_with_what_it_does(values: dict[str, object], effect: str, words: str) -> None:
    (told,) = changed(**values)
    assert told[0] == effect
    assert words in told[1]


def test_items_are_named_by_field_whatever_their_order() -> None:
    content = examples.plain(HOSPITAL)
    items = content["data_items"]
    first, *rest = items
    assert changed(data_items=[*rest, first]) == []
    assert [effect for effect, _ in changed(data_items=rest)] == ["less"]
    ((effect, words),) = changed(
        data_items=[*items, {**deepcopy(first), "field": "gp_practice", "justification": "To ring the surgery."}]
    )
    assert effect == "more"
    assert words.endswith("new, as-is, from frameworki, crm. Why: To ring the surgery.")
    dropped = {**deepcopy(first), "field": "gp_practice", "transform": "drop"}
    assert [effect for effect, _ in changed(data_items=[*items, dropped])] == ["otherwise"]


def leaves(path: tuple[Any, ...], part: Any) -> Iterator[tuple[Any, ...]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from leaves((*path, key), value)
    elif isinstance(part, tuple) and any(isinstance(each, dict) for each in part):
        for number, value in enumerate(part):
            yield from leaves((*path, number), value)
    else:
        yield path


def other(key: Any, value: Any) -> Any:
    """Another value of the same kind."""
    if str(key).endswith("_age"):
        return 40
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, tuple):
        return (*value, "another")
    period = key == "trained_within" or (isinstance(value, str) and value[:1] == "P" and value[1:-1].isdecimal())
    return "P1D" if period else "another"


def put(part: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(part, tuple):
        return tuple(put(each, path[1:], value) if i == path[0] else each for i, each in enumerate(part))
    return {**part, path[0]: put(part[path[0]], path[1:], value)}


@pytest.mark.parametrize("name", examples.ALL_IDS)
def test_no_key_can_change_untold_and_the_way_back_does_the_opposite(name: str) -> None:
    said = read_agreement(examples.folder(name)).agreement.model_dump(by_alias=True)
    opposite = {Effect.MORE: Effect.LESS, Effect.LESS: Effect.MORE, Effect.OTHERWISE: Effect.OTHERWISE}

    assert compare(said, said) == []
    for path in leaves((), said):
        held = said
        for key in path:
            held = held[key]
        altered = put(said, path, other(path[-1], held))
        forth, back = compare(said, altered), compare(altered, said)
        assert forth, path
        assert all(each.place.startswith(path[0]) for each in forth), path
        assert sorted(each.effect for each in back) == sorted(opposite[each.effect] for each in forth), path


def test_command_compares_an_id_with_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WYE_AGREEMENTS", str(examples.AGREEMENTS))
    newer = examples.copied(tmp_path) / HOSPITAL
    text = (newer / "agreement.yaml").read_text()
    (newer / "agreement.yaml").write_text(text.replace("minimum_age: 18", "minimum_age: 16"))
    (newer / "terms.md").write_text("Others.")

    assert run(["agreements", "diff", HOSPITAL, str(newer)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "SHARES MORE", "  - subjects minimum age: was `18`, is `16`", "terms.md differs: compare its text",
    ]  # fmt: skip
    assert run(["agreements", "diff", HOSPITAL, HOSPITAL]) == 0
    assert capsys.readouterr().out == f"{in_words([])}\n"
