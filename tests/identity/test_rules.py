"""Rules and model on real DuckDB and Splink: each rule where it holds and where it does not."""

from collections.abc import Iterator

import polars as pl
import pytest

from wye.identity import model
from wye.identity.features import RAW, normalise
from wye.identity.linkage import Linkage
from wye.identity.rules import RULES

MARY = {
    "source": "frameworki",
    "given_name": "Mary",
    "family_name": "Ashdown",
    "birth_date": "1950-03-07",
    "addresses": "AR1 1AA\x1f10 Mill Lane",
    "nhs_number": "9990000018",
    "sex": "F",
}


def features(*records: dict[str, object]) -> pl.DataFrame:
    rows = [dict.fromkeys(RAW) | {"record": f"{n:08}"} | each for n, each in enumerate(records)]
    return normalise(pl.DataFrame(rows, schema=RAW))


@pytest.fixture
def weigh() -> Iterator[object]:
    opened: list[Linkage] = []

    def _weigh(*records: dict[str, object]) -> list[tuple[object, ...]]:
        opened.append(Linkage(features(*records), model.shipped()))
        return list(opened[-1].pairs(range(len(records))).iter_rows())

    yield _weigh
    for linkage in opened:
        linkage.close()


def rule_of(pairs) -> str | None:
    found = [RULES[rule].name for _, _, rule, _, _ in pairs if rule is not None]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"family_name": "Beech", "addresses": None}, "same-nhs-number"),
        ({"birth_date": "1961-11-29", "addresses": None}, "same-nhs-number"),
        ({"birth_date": "1961-11-29", "family_name": "Beech", "addresses": None}, None),
        ({"nhs_number": None}, "same-name-birth-postcode"),
        ({"nhs_number": "9990000026"}, None),
        ({"nhs_number": None, "addresses": "AR1 1AB\x1f10 Mill Lane"}, None),
        ({"nhs_number": None, "sex": "M"}, None),
        ({"nhs_number": None, "given_name": "M"}, None),
        ({"nhs_number": None, "duplicates": "00000000"}, "duplicate-marker"),
    ],
)
def test_rule_holds_where_its_conditions_do(weigh, change, rule):
    assert rule_of(weigh(MARY, MARY | {"source": "nhs_fhir"} | change)) == rule


def test_initials_of_two_people_are_no_rule(weigh):
    initial = MARY | {"given_name": "M", "nhs_number": None}

    assert rule_of(weigh(initial, initial)) is None


def test_sealed_record_is_compared_with_nothing(weigh):
    assert weigh(MARY, MARY | {"sealed": True}) == []


def test_records_that_share_nothing_are_not_compared(weigh):
    other = {"source": "crm", "given_name": "Zak", "family_name": "Beech", "birth_date": "1990-12-12"}

    assert weigh(MARY, other) == []


def test_rarer_name_weighs_more(weigh):
    def weight(family: str) -> float:
        pair = {"source": "crm", "given_name": "Mary", "family_name": family, "birth_date": "1950-03-07"}
        crowd = [{"source": "crm", "given_name": f"N{n}", "family_name": "Jones"} for n in range(3000)]
        return next(pair[-1] for pair in weigh(pair, pair | {"source": "frameworki"}, *crowd) if pair[:2] == (0, 1))

    assert weight("Quennell") > weight("Jones") + 3


def test_only_pairs_that_touch_the_frontier_are_weighed():
    linkage = Linkage(
        features(*[MARY | {"source": source} for source in ("crm", "frameworki", "police")]), model.shipped()
    )

    assert [(a, b) for a, b, *_ in linkage.pairs([0]).iter_rows()] == [(0, 1), (0, 2)]
    assert linkage.pairs([]).is_empty()
    linkage.close()


def test_shipped_model_knows_every_level_and_weighs_likeness_upwards():
    for comparison in model.COMPARISONS:
        levels = model.shipped()["comparisons"][comparison.name]
        assert set(levels) == {level.label for level in comparison.levels} | {model.ELSE}
        if comparison.name != "names_together":  # which only takes away what two names say too much
            same, different = levels[comparison.levels[0].label], levels[model.ELSE]
            assert same[0] / same[1] > 1 > different[0] / different[1]
