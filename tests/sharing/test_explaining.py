"""An explanation says which rule decided, and no value."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from wye.agreements.in_force import read_agreement
from wye.sharing.cases import facts_of_case
from wye.sharing.explaining import as_data, explain
from wye.sharing.policy import compile_policy
from wye.vocabulary import Outcome

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOADED = read_agreement(AGREEMENTS / "adult-care-acute")
POLICY = compile_policy(LOADED.agreement)


def decided(place: int, **changes: object) -> object:
    case = LOADED.cases.value.cases[place]
    facts = replace(facts_of_case(LOADED.cases.value.base, case.change), **changes)  # type: ignore[arg-type]
    return POLICY.decide(POLICY.request(), facts, AT)


def test_explain_says_that_a_value_from_housing_benefit_never_leaves_and_why() -> None:
    said = "\n".join(explain(decided(1)))  # type: ignore[arg-type]

    assert said.startswith(
        "released: released under adult-care-acute 1.0 (items; Health and Social Care Act 2012 s251B"
    )
    assert (
        "  person.given_name: withheld, from civica_revenues: what `civica_revenues` holds may not be disclosed" in said
    )
    assert "  person.birth_date: released, from frameworki" in said
    assert "person.death_date: nobody holds it" in said


def test_explain_holds_no_value() -> None:
    values = {"Okafor", "Adaeze", "1941-03-08", "Mill Lane", "AR1 2BC", "Nether Care", "Bea Moss", "9990000018"}

    for decision in (decided(0), decided(1)):
        said = "\n".join(explain(decision)) + orjson.dumps(as_data(decision)).decode()  # type: ignore[arg-type]
        assert not [value for value in values if value in said]


def test_explain_of_a_withheld_decision_names_the_rule_and_of_an_error_the_alarm() -> None:
    assert next(iter(explain(decided(0, restricted=True)))).startswith("withheld: the record is restricted")  # type: ignore[arg-type]
    broken = decided(0, consents=7)
    assert any(line.startswith("alarm: an error in this clause (consent)") for line in explain(broken))  # type: ignore[arg-type]


def test_explain_of_somebody_else_says_that_they_were_not_considered() -> None:
    assert list(explain(decided(10))) == ["not considered: not one of the people whom the agreement is about"]  # type: ignore[arg-type]


def test_open_data_is_said_to_count_and_to_release_nobody() -> None:
    loaded = read_agreement(AGREEMENTS / "examples" / "open-data-care")
    policy = compile_policy(loaded.agreement)
    releasing = next(case for case in loaded.cases.value.cases if case.expect.outcome is Outcome.RELEASE)
    facts = facts_of_case(loaded.cases.value.base, releasing.change)

    said = next(iter(explain(policy.decide(policy.request(), facts, AT))))

    assert said.startswith(
        "released: counted in tables, and no value of anybody leaves, under open-data-care 1.0 (items;"
    )
