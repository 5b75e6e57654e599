"""The compiled policy decides as the naive reference does, field by field, on generated cases."""

from collections import Counter
from pathlib import Path
from random import Random

import generated_facts
import naive_decide
import pytest
from training_asked import how_often_looked_at, where_training_is_asked_for

from wye.agreements.in_force import read_agreement
from wye.sharing.policy import Policy, compile_policy
from wye.vocabulary import Outcome

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
FOLDERS = sorted(path.parent for path in AGREEMENTS.glob("*/agreement.yaml"))
CASES = 10_000


def where_the_opt_out_applies(folder: Path) -> tuple[Policy, dict]:
    """An agreement as if the national data opt-out applied to it, for both."""
    agreement, plain = read_agreement(folder).agreement, naive_decide.agreement_of(folder)
    plain["national_data_opt_out"]["applies"] = True
    applies = agreement.national_data_opt_out.model_copy(update={"applies": True})
    return compile_policy(agreement.model_copy(update={"national_data_opt_out": applies})), plain


@pytest.fixture(scope="module")
def compared() -> Counter[str]:
    """Compare, and count outcomes and the clauses that decided."""
    random = Random(20261121)  # noqa: S311  cases, not secrets
    counted: Counter[str] = Counter()
    pairs = [(compile_policy(read_agreement(path).agreement), naive_decide.agreement_of(path)) for path in FOLDERS]
    pairs.append(where_the_opt_out_applies(AGREEMENTS / "adult-care-acute"))
    pairs.append(where_training_is_asked_for(AGREEMENTS / "adult-care-acute"))
    weights = [len(plain["data_items"]) for _, plain in pairs]
    for number in range(CASES):
        policy, plain = random.choices(pairs, weights)[0]
        at = generated_facts.an_instant(random)
        request = generated_facts.a_request(random, plain, how_often_looked_at(plain))
        facts = generated_facts.facts(random, at)

        expected = naive_decide.decide(plain, request, facts, at)
        decision = policy.decide(generated_facts.engine_request(request), generated_facts.engine_facts(facts), at)

        assert not decision.alarms
        assert decision.outcome.value == expected["outcome"], (number, expected["clause"], decision.clause)
        assert decision.clause == expected["clause"], number
        assert {entity: list(rows) for entity, rows in decision.entities.items()} == expected["entities"], number
        if expected["fields"]:
            found = [(one.entity, one.field, one.action.value, one.clause) for one in decision.fields]
            assert found == expected["fields"], number
        counted[expected["outcome"]] += 1
        counted.update({expected["clause"]} if decision.outcome is Outcome.WITHHOLD else ())
        counted.update({clause for *_, action, clause in expected["fields"] if action == "withhold"})
    return counted


def test_decide_on_generated_cases_agrees_with_the_reference(compared: Counter[str]) -> None:
    assert compared["release"] + compared["withhold"] == CASES


@pytest.mark.parametrize("outcome", ["release", "withhold"])
def test_generated_cases_hold_enough_of_each_outcome(compared: Counter[str], outcome: str) -> None:
    assert compared[outcome] >= CASES // 5


@pytest.mark.parametrize(
    "clause",
    ["request", "subjects", "prohibited", "in-force", "restricted-record", "objection", "consent", "relationship",
     "training", "opt-out", "unread-protection", "roles", "safe-address", "drop", "prohibited-source", "sources", "rows", "onward", "doubted"],
)  # fmt: skip
def test_generated_cases_let_each_clause_decide(compared: Counter[str], clause: str) -> None:
    assert compared[clause] >= CASES // 100
