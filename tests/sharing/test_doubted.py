"""What is contested, or was found wrong by a steward, leaves under no agreement, and the recipient is told to ask."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from wye.agreements.in_force import read_agreement
from wye.sharing.cases import facts_of_case
from wye.sharing.facts import Facts
from wye.sharing.policy import compile_policy
from wye.store.known import Candidate
from wye.vocabulary import Outcome

ACUTE = read_agreement(Path(__file__).parents[2] / "sharing_agreements" / "adult-care-acute")
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def saying(*numbers: Candidate) -> Facts:
    cases = ACUTE.cases.value
    facts = facts_of_case(cases.base, cases.cases[0].change)
    return replace(facts, known=replace(facts.known, attributes={**facts.known.attributes, "nhs_number": numbers}))


def number(value: str, source: str = "frameworki", doubt: str | None = None) -> Candidate:
    return Candidate(value, source, UUID(int=9), "c", AT, None, doubt=doubt)


def test_a_doubted_value_is_masked_and_everything_else_is_released() -> None:
    policy = compile_policy(ACUTE.agreement)

    decision = policy.decide(policy.request(), saying(number("9990000018", doubt="contested")), AT)

    assert decision.outcome is Outcome.RELEASE
    assert "nhs_number" not in decision.entities["person"][0]
    assert "person.nhs_number" in decision.masked
    told = next(one for one in decision.fields if one.field == "nhs_number")
    assert (told.clause, told.reason) == ("doubted", "contested")


def test_a_value_without_doubt_is_released_behind_one_that_is_doubted() -> None:
    policy = compile_policy(ACUTE.agreement)

    decision = policy.decide(
        policy.request(), saying(number("9990000018", doubt="found wrong"), number("9990000026")), AT
    )

    assert decision.entities["person"][0]["nhs_number"] == "9990000026"


def test_that_a_doubt_stands_on_a_source_not_permitted_is_not_told() -> None:
    policy = compile_policy(ACUTE.agreement)

    decision = policy.decide(policy.request(), saying(number("9990000018", "crm", "contested")), AT)

    assert "person.nhs_number" in decision.unknown
    assert "person.nhs_number" not in decision.masked
