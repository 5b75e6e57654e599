"""Learning without labels: what is learnt is what was planted, weights are calibrated, and objections keep families apart."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from uuid import UUID

import polars as pl
import pytest

from wye.county.truth import compare
from wye.identity import model, training
from wye.identity.features import COLUMNS, RAW, normalise
from wye.identity.link import Way, link
from wye.identity.training import FEWEST, train

GIVEN = [
    f"{a}{b}"
    for a in ("Al", "Ber", "Cor", "Del", "Em", "Fa", "Gor", "Hes")
    for b in ("ina", "ton", "mund", "etta", "ric")
]
FAMILY = [
    f"{a}{b}"
    for a in ("Ash", "Bram", "Cor", "Dun", "Elm", "Far", "Gil", "Hol")
    for b in ("down", "ley", "ve", "combe", "stead", "wick")
]
TYPO = 0.12
"""Share of second records whose birth date has a slip."""


def people(count: int, seed: int) -> tuple[pl.DataFrame, list[int]]:
    """Two records each, in two systems: half have moved, some birth dates have a slip. Gives who each record is."""
    rng = Random(seed)  # noqa: S311  made up people
    rows = []
    for person in range(count):
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        born = f"{rng.randrange(1930, 2020)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        for source in ("frameworki", "crm"):
            written = born
            if source == "crm" and rng.random() < TYPO:
                written = f"{born[:-1]}{(int(born[-1]) + 1) % 10}"
            home = person if source == "crm" or rng.random() < 0.5 else count + person
            rows.append(
                dict.fromkeys(RAW)
                | {
                    "record": str(UUID(int=rng.getrandbits(128))),
                    "source": source,
                    "given_name": given,
                    "family_name": family,
                    "birth_date": written,
                    "addresses": f"AR{home % 90 + 10} {home % 9}AA\x1f{home % 400} Mill Lane",
                    "sealed": False,
                }
            )
    ordered = sorted(range(len(rows)), key=lambda place: str(rows[place]["record"]))
    return normalise(pl.DataFrame([rows[place] for place in ordered], schema=RAW)), [place // 2 for place in ordered]


@pytest.fixture(scope="module", autouse=True)
def _few_strangers() -> Iterator[None]:
    """Count levels among as many random pairs as so few records need, rather than millions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "SAMPLED_PAIRS", 150_000)
        yield


@pytest.fixture(scope="module")
def learnt() -> tuple[pl.DataFrame, list[int], model.Parameters]:
    features, who = people(600, 11)
    return features, who, train(features)


def test_what_is_learnt_is_what_was_planted(learnt):
    _, _, parameters = learnt
    slips = parameters["comparisons"]["birth_date"]

    assert model.fits(parameters)
    assert parameters["per_record"] == pytest.approx(1.0, abs=0.05)  # each record has one true partner
    assert slips["same"][0] == pytest.approx(1 - TYPO, abs=0.04)
    assert slips["a digit or two neighbours wrong"][0] == pytest.approx(TYPO, abs=0.04)
    assert parameters["comparisons"]["given_name"]["same"][1] == pytest.approx(1 / len(GIVEN), rel=0.25)


def test_learning_twice_gives_the_same(learnt):
    features, _, parameters = learnt

    assert train(features) == parameters


def test_expected_precision_and_recall_are_those_that_the_truth_gives(learnt):
    features, who, parameters = learnt
    linked = link(features, parameters)
    said = {("", "", str(n)): person for n, person in enumerate(linked.person)}
    score = compare(said, {("", "", str(n)): person for n, person in enumerate(who)})

    assert score.precision == pytest.approx(parameters["expected"]["precision"], abs=0.01)
    assert score.recall == pytest.approx(parameters["expected"]["recall"], abs=0.05)
    assert score.recall > 0.9


def test_expected_precision_rises_and_recall_falls_with_the_threshold(learnt):
    curve = learnt[2]["expected"]["curve"]

    assert [point["precision"] for point in curve] == sorted(point["precision"] for point in curve)
    assert [point["recall"] for point in curve] == sorted((point["recall"] for point in curve), reverse=True)


def test_what_was_never_seen_keeps_the_shipped_m(learnt):
    phone = learnt[2]["comparisons"]["phone"]

    assert phone["same"] == pytest.approx(model.shipped()["comparisons"]["phone"]["same"], rel=1e-3)


def test_too_few_records_are_refused():
    features, _ = people(FEWEST // 2 - 1, 3)

    with pytest.raises(ValueError, match="are needed"):
        train(features)


def test_linking_takes_a_threshold_and_objections_of_its_own(learnt):
    features, _, parameters = learnt
    at_join = Counter(link(features, parameters).person)
    loosely = Counter(link(features, parameters, Way(join=-20.0)).person)

    assert len(loosely) < len(at_join)
    assert tuple(features.columns) == COLUMNS
