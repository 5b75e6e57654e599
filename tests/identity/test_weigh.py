"""Our weights are Splink's: thousands of random pairs of invented people, weighed by both."""

from random import Random

import polars as pl
import pytest
from splink_referee import weights

from wye.identity import model
from wye.identity.features import COLUMNS, RAW, normalise
from wye.identity.handful import Handful
from wye.identity.linkage import with_counts
from wye.identity.scales import Scales
from wye.identity.weigh import Bearers

GIVEN = ("Mary", "Marry", "Maria", "M", "Molly", "Ashdown", "John", "Jon", "Jack", "Zsofia", "", "Ann")
FAMILY = ("Ashdown", "Ashdowne", "Ash", "Ashdown-Beech", "Beech", "Mary", "Beach", "O'Neil", "Oneil", "")
BIRTHS = ("1950-03-07", "1950-07-03", "1950-03-08", "1951-03-07", "1950-01-01", "1952-01-01", "1987-12-30", "")
NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000108", "", "", "")
HOMES = ("AR1 1AA\x1f10 Mill Lane", "AR1 1AA\x1f12 Mill Lane", "AR5 5AA\x1fThe Mill", "", "")
PHONES = ("07700900123", "+447700900123", "07700900456", "")
EMAILS = ("m@example.org", "M@EXAMPLE.ORG", "z@example.org", "")


def people(count: int, seed: int) -> pl.DataFrame:
    """Records that share much, so that every level is met."""
    rng = Random(seed)  # noqa: S311  made up people
    rows = [
        dict.fromkeys(RAW)
        | {
            "record": f"{n:08}",
            "source": rng.choice(("frameworki", "nhs_fhir")),
            "given_name": f"{rng.choice(GIVEN)} {rng.choice(('', '', 'Mary', 'John'))}".strip(),
            "family_name": rng.choice(FAMILY),
            "birth_date": rng.choice(BIRTHS),
            "sex": rng.choice(("F", "M", None)),
            "nhs_number": rng.choice(NUMBERS),
            "addresses": "\x1e".join(rng.sample(HOMES, 2)),
            "phones": "\x1e".join(rng.sample(PHONES, 2)),
            "emails": rng.choice(EMAILS),
            "sealed": False,
        }
        for n in range(count)
    ]
    return normalise(pl.DataFrame(rows, schema=RAW))


def ours(features: pl.DataFrame, pairs: list[tuple[int, int]], parameters: model.Parameters) -> pl.DataFrame:
    bearers = Bearers(features["given"].count(), features["family"].count())
    scales = Scales(parameters, features.height, bearers)
    scales.add(with_counts(features).with_row_index("n"))
    found = scales.weigh(pl.DataFrame(pairs, schema={"a": pl.Int32, "b": pl.Int32}, orient="row"))
    scales.close()
    return found


def learnt() -> model.Parameters:
    """Parameters unlike the shipped ones, with a level that was never seen."""
    rng = Random(3)  # noqa: S311  made up numbers
    comparisons = {
        name: {label: [rng.uniform(1e-6, 1), rng.uniform(1e-6, 1)] for label in levels}
        for name, levels in model.shipped()["comparisons"].items()
    }
    comparisons["email"]["same"] = [0.9, 1e-6]
    return model.shipped() | {"per_record": 0.41, "comparisons": comparisons}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("parameters", [model.shipped(), learnt()], ids=["shipped", "learnt"])
def test_weights_of_random_pairs_are_those_of_splink(monkeypatch, seed, parameters):
    monkeypatch.setattr(model, "DOUBT", -1e9)  # so that no pair is left out
    features = people(700, seed)
    assert tuple(features.columns) == COLUMNS
    rng = Random(seed)  # noqa: S311  made up people
    pairs = sorted({(min(pair), max(pair)) for pair in (rng.sample(range(700), 2) for _ in range(4_000))})

    mine = {(a, b): weight for a, b, _, _, weight in ours(features, pairs, parameters).iter_rows()}
    theirs = weights(features, pairs, parameters)

    assert len(pairs) > 3_900
    assert mine.keys() == theirs.keys()
    assert max(abs(mine[pair] - theirs[pair]) for pair in pairs) < 1e-6
    assert max(mine.values()) - min(mine.values()) > 20


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_few_pairs_weigh_in_python_what_they_weigh_in_duckdb(monkeypatch, seed):
    monkeypatch.setattr(model, "DOUBT", -1e9)
    features = people(400, seed)
    counted = with_counts(features).with_row_index("n")
    bearers = Bearers(features["given"].count(), features["family"].count())
    by_hand = Handful(learnt(), 400, bearers)
    rows = list(counted.iter_rows(named=True))
    rng = Random(seed)  # noqa: S311  any pairs
    pairs = sorted({(min(pair), max(pair)) for pair in (rng.sample(range(400), 2) for _ in range(4_000))})

    mine = [(a, b, *by_hand.weigh(rows[a], rows[b])) for a, b in pairs]

    scales = Scales(learnt(), 400, bearers)
    scales.add(counted)
    theirs = scales.weigh(pl.DataFrame(pairs, schema={"a": pl.Int32, "b": pl.Int32}, orient="row")).rows()
    assert [row[:4] for row in mine] == [(a, b, rule, bool(door)) for a, b, rule, door, _ in theirs]
    assert max(abs(x[4] - y[4]) for x, y in zip(mine, theirs, strict=True)) < 1e-9
    keys = scales.keys(range(400))
    assert {(n, key) for n, row in enumerate(rows) for key in by_hand.keys(row)} == set(keys.iter_rows())
    scales.close()
