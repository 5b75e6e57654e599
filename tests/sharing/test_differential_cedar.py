"""The compiled policy decides as Cedar does on generated cases: what leaves, and that Cedar stops by the clause named.

What is compared and what is not, `cedar_peer` says.
"""

from collections import Counter
from pathlib import Path
from random import Random

import cedar_peer
import generated_facts
import naive_decide
import pytest
from training_asked import how_often_looked_at, where_training_is_asked_for

from wye.agreements.in_force import read_agreement
from wye.sharing.policy import compile_policy
from wye.vocabulary import Outcome

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
FOLDERS = sorted(path.parent for path in AGREEMENTS.glob("*/agreement.yaml"))
RUNS = [2000, pytest.param(10_000, marks=pytest.mark.long)]
"""How many cases: Cedar takes some 8 ms for one."""


@pytest.fixture(scope="module", params=RUNS)
def compared(request: pytest.FixtureRequest) -> Counter[str]:
    """Compare, and count outcomes and the clauses that decided."""
    return compare(request.param)


def compare(cases: int) -> Counter[str]:
    random = Random(20261122)  # noqa: S311  cases, not secrets
    counted: Counter[str] = Counter(cases=cases)
    plain = [naive_decide.agreement_of(path) for path in FOLDERS]
    policies = [compile_policy(read_agreement(path).agreement) for path in FOLDERS]
    trained, asked = where_training_is_asked_for(AGREEMENTS / "adult-care-acute")
    policies, plain = [*policies, trained], [*plain, asked]
    rules = [cedar_peer.Rules(agreement) for agreement in plain]
    weights = [len(cedar_peer.outgoing(agreement)) for agreement in plain]
    for case in range(cases):
        which = random.choices(range(len(plain)), weights)[0]
        at = generated_facts.an_instant(random)
        request = generated_facts.a_request(random, plain[which], how_often_looked_at(plain[which]))
        facts = generated_facts.facts(random, at)

        expected = cedar_peer.decide(rules[which], cedar_peer.Asked(plain[which], request, facts, at))
        decision = policies[which].decide(
            generated_facts.engine_request(request), generated_facts.engine_facts(facts), at
        )

        assert not decision.alarms, case
        assert decision.outcome.value == expected["outcome"], (case, decision.clause, expected["stops"])
        assert {entity: list(rows) for entity, rows in decision.entities.items()} == expected["entities"], case
        counted[expected["outcome"]] += 1
        if expected["stops"]:
            assert decision.clause in expected["stops"], case
        else:
            assert decision.clause not in cedar_peer.PERSON_RULES, case
            found = [(one.entity, one.field, one.action.value) for one in decision.fields]
            assert found == [field[:3] for field in expected["fields"]], case
            for one, (*_, clauses) in zip(decision.fields, expected["fields"], strict=True):
                assert one.clause in clauses, (case, one.entity, one.field)
        counted.update({decision.clause} if decision.outcome is Outcome.WITHHOLD else ())
        counted.update({one.clause for one in decision.fields})
    return counted


def test_decide_on_generated_cases_agrees_with_cedar(compared: Counter[str]) -> None:
    assert compared["release"] + compared["withhold"] == compared["cases"]


@pytest.mark.parametrize("outcome", ["release", "withhold"])
def test_cases_put_to_cedar_hold_enough_of_each_outcome(compared: Counter[str], outcome: str) -> None:
    assert compared[outcome] >= compared["cases"] // 5


@pytest.mark.parametrize(
    "clause",
    ["request", "subjects", "prohibited", "in-force", "restricted-record", "objection", "consent", "relationship",
     "training", "unread-protection", "roles", "safe-address", "drop", "prohibited-source", "sources", "rows", "onward", "doubted"],
)  # fmt: skip
def test_cases_put_to_cedar_let_each_clause_decide(compared: Counter[str], clause: str) -> None:
    assert compared[clause] >= compared["cases"] // 100
