"""Whoever looks was trained lately enough, where an agreement asks for it; a feed looks at nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from wye.agreements.in_force import read_agreement
from wye.sharing.cases import facts_of_case
from wye.sharing.policy import compile_policy
from wye.vocabulary import Outcome

FOLDER = Path(__file__).parents[2] / "sharing_agreements" / "examples" / "mash-two-way"
LOADED = read_agreement(FOLDER)
POLICY = compile_policy(LOADED.agreement)
FACTS = facts_of_case(LOADED.cases.value.base, LOADED.cases.value.cases[0].change)
LOOKS = POLICY.request("safeguarding-officer")._replace(relationship="duty-worker")


@pytest.mark.parametrize(
    ("trained", "now", "sees"),
    [
        (date(2025, 11, 21), datetime(2026, 11, 20, 9, tzinfo=UTC), True),
        (date(2025, 11, 20), datetime(2026, 11, 20, 9, tzinfo=UTC), True),
        (date(2025, 11, 19), datetime(2026, 11, 20, 9, tzinfo=UTC), False),
        (date(2025, 10, 20), datetime(2026, 10, 20, 22, 30, tzinfo=UTC), True),
        (date(2025, 10, 20), datetime(2026, 10, 20, 23, 30, tzinfo=UTC), False),  # it is the 21st in London
        (date(2026, 11, 20), datetime(2026, 11, 20, 9, tzinfo=UTC), True),
        (date(2026, 11, 21), datetime(2026, 11, 20, 9, tzinfo=UTC), False),
        (None, datetime(2026, 11, 20, 9, tzinfo=UTC), False),
    ],
)
def test_training_is_in_date_from_its_day_to_the_end_of_the_period(
    trained: date | None,
    now: datetime,
    sees: bool,  # noqa: FBT001
) -> None:
    decision = POLICY.decide(LOOKS._replace(trained_on=trained), FACTS, now)

    assert (decision.outcome, decision.clause) == (
        (Outcome.RELEASE, "items") if sees else (Outcome.WITHHOLD, "training")
    )


def test_broken_glass_lifts_no_training_and_a_feed_needs_none() -> None:
    at = datetime(2026, 11, 20, 22, tzinfo=UTC)
    broken = replace(FACTS, break_glass=datetime(2026, 11, 20, 23, tzinfo=UTC))
    looks = LOOKS._replace(relationship=None)

    assert POLICY.decide(looks, broken, at).clause == "training"
    assert POLICY.decide(looks._replace(trained_on=date(2026, 3, 2)), broken, at).outcome is Outcome.RELEASE
    assert POLICY.decide(POLICY.request(), FACTS, at).outcome is Outcome.RELEASE


def test_agreement_that_asks_for_no_training_lets_whoever_has_the_relationship_look() -> None:
    terms = LOADED.agreement.relationship
    assert terms is not None
    asked = terms.model_copy(update={"trained_within": None})
    policy = compile_policy(LOADED.agreement.model_copy(update={"relationship": asked}))

    assert policy.decide(LOOKS, FACTS, datetime(2026, 11, 20, 9, tzinfo=UTC)).outcome is Outcome.RELEASE
