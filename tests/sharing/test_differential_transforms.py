"""Under agreements whose items have every transform that fits them, the compiled policy gives what the naive reference gives."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import generated_facts
import naive_decide
import pytest

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.fitting import ANY, FITS
from wye.agreements.in_force import read_agreement
from wye.agreements.model import Agreement
from wye.sharing.policy import compile_policy
from wye.sharing.transforms import TRANSFORMS
from wye.vocabulary import Direction, Transform

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
FOLDERS = sorted(path.parent for path in AGREEMENTS.glob("*/agreement.yaml"))
CASES = 2500
OWN = 0.7
"""How many items, of those that may, have a transform that fits few fields."""
MISFITS = 0.12
"""How many items have a transform that was not made for their field: no signature makes such an item leave."""
KNOWN = 0.2
"""How many items the recipient must know, whoever's address is kept safe."""
KEY = bytes(range(32))
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def varied(agreement: Agreement, random: Random) -> Agreement:
    """Give each item that goes out one of the transforms that were made for its field, and some items another."""
    items = list(agreement.data_items)
    for index, item in enumerate(items):
        if item.direction is Direction.OUT:
            facts = FIELDS[item.entity, item.field]
            own = [word for word, fit in FITS.items() if fit.holds(facts) and fit is not ANY]
            general = [word for word, fit in FITS.items() if fit is ANY]
            free = facts.classification is Classification.FREE_TEXT
            misfit = free or random.random() < MISFITS
            among = list(Transform) if misfit else own if own and random.random() < OWN else general
            known = "they guard the door" if random.random() < KNOWN else None
            items[index] = item.model_copy(update={"transform": random.choice(among), "must_know": known})
    return agreement.model_copy(update={"data_items": tuple(items)})


def plain_of(folder: Path, agreement: Agreement) -> dict:
    """Give the same as plain data, with its key."""
    plain = naive_decide.agreement_of(folder)
    for item, other in zip(plain["data_items"], agreement.data_items, strict=True):
        item["transform"] = other.transform.value
        item.pop("must_know", None)
        if other.must_know is not None:
            item["must_know"] = other.must_know
    return {**plain, "key": KEY}


@pytest.fixture(scope="module")
def compared() -> Counter[str]:
    """Compare, and count what was released by transform."""
    random = Random(20261122)  # noqa: S311  cases, not secrets
    counted: Counter[str] = Counter()
    pairs = []
    for number in range(60):
        folder = FOLDERS[number % len(FOLDERS)]
        agreement = varied(read_agreement(folder).agreement, random)
        pairs.append((compile_policy(agreement, KEY), plain_of(folder, agreement)))
    for number in range(CASES):
        policy, plain = pairs[number % len(pairs)]
        at = generated_facts.an_instant(random)
        request, facts = generated_facts.a_request(random, plain), generated_facts.facts(random, at)

        expected = naive_decide.decide(plain, request, facts, at)
        decision = policy.decide(generated_facts.engine_request(request), generated_facts.engine_facts(facts), at)

        assert not decision.alarms, (number, decision.alarms)
        assert decision.clause == expected["clause"], number
        assert {entity: list(rows) for entity, rows in decision.entities.items()} == expected["entities"], number
        if expected["fields"]:
            found = [(one.entity, one.field, one.action.value, one.clause) for one in decision.fields]
            assert found == expected["fields"], number
        transforms = {
            (one["entity"], one["field"]): one["transform"] for one in plain["data_items"] if one["direction"] == "out"
        }
        counted.update(
            transforms[entity, field] for entity, field, action, _ in expected["fields"] if action == "release"
        )
        counted.update(clause for *_, action, clause in expected["fields"] if action == "withhold")
        counted.update([expected["outcome"]])
    return counted


def test_decide_under_every_transform_agrees_with_the_reference(compared: Counter[str]) -> None:
    assert compared["release"] + compared["withhold"] == CASES
    assert compared["release"] >= CASES // 5


@pytest.mark.parametrize("word", sorted(word.value for word in TRANSFORMS))
def test_each_transform_released_something(compared: Counter[str], word: str) -> None:
    assert compared[word] >= 20


@pytest.mark.parametrize("clause", ["transform-fits", "free-text"])
def test_each_clause_on_transforms_withheld_something(compared: Counter[str], clause: str) -> None:
    assert compared[clause] >= 10
