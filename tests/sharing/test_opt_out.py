"""Where the national data opt-out applies, nobody passes whom an answer in date does not name; elsewhere it asks nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wye.agreements.in_force import read_agreement
from wye.agreements.law_in_words import law
from wye.sharing.cases import facts_of_case
from wye.sharing.policy import compile_policy
from wye.store.opt_outs import OptOutAnswer
from wye.vocabulary import Outcome

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOADED = read_agreement(Path(__file__).parents[2] / "sharing_agreements" / "adult-care-acute")
FACTS = facts_of_case(LOADED.cases.value.base, LOADED.cases.value.cases[0].change)
SAYS = LOADED.agreement.national_data_opt_out.model_copy(update={"applies": True})
APPLIES = compile_policy(LOADED.agreement.model_copy(update={"national_data_opt_out": SAYS}))
MOMENT = timedelta(microseconds=1)


def test_person_named_by_an_answer_in_date_is_released() -> None:
    facts = replace(FACTS, opt_out=OptOutAnswer(AT + MOMENT, named=True))

    assert APPLIES.decide(APPLIES.request(), facts, AT).outcome is Outcome.RELEASE


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "is not known"),
        (OptOutAnswer(None, named=True), "no answer"),
        (OptOutAnswer(AT, named=True), "too old"),
        (OptOutAnswer(AT + MOMENT, named=False), "does not name"),
    ],
)
def test_anybody_else_waits_and_no_entry_says_why(answer: OptOutAnswer | None, said: str) -> None:
    decision = APPLIES.decide(APPLIES.request(), replace(FACTS, opt_out=answer), AT)

    assert (decision.outcome, decision.clause, decision.waits) == (Outcome.WITHHOLD, "opt-out", True)
    assert said in decision.reasons[0].text
    assert decision.clauses == ()


def test_plain_english_says_that_the_nhs_is_asked() -> None:
    told = list(law(APPLIES.agreement))

    assert [
        each for each in told if each.startswith("National data opt-out: applies; the NHS is asked for each extract")
    ]


@pytest.mark.parametrize("answer", [None, OptOutAnswer(None, named=False), OptOutAnswer(AT + MOMENT, named=False)])
def test_direct_care_asks_nothing_of_it(answer: OptOutAnswer | None) -> None:
    policy = compile_policy(LOADED.agreement)

    assert policy.decide(policy.request(), replace(FACTS, opt_out=answer), AT).outcome is Outcome.RELEASE
