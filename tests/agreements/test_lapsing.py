"""Warnings come 60, 30, 7 and 1 days before, and name the human where it is a safeguarding agreement."""

from datetime import date, timedelta

import example_agreements as examples
import pytest

from wye.agreements.days import start_of
from wye.agreements.in_force import in_force, read_agreement
from wye.agreements.lapsing import lapsing
from wye.errors import AgreementRefused

POLICE = read_agreement(examples.AGREEMENTS / "safeguarding-police").agreement
CARE = read_agreement(examples.AGREEMENTS / "adult-care-acute").agreement


@pytest.mark.parametrize(
    ("days", "step"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, 0), (-400, 0)],
)
def test_step_is_the_smallest_that_the_days_left_have_reached(days: int, step: int | None) -> None:
    found = [one for one in lapsing([CARE], CARE.expires - timedelta(days=days)) if one.what == "expiry"]

    assert [one.step for one in found] == ([] if step is None else [step])
    assert [one.days_left for one in found] == ([] if step is None else [days])


def test_safeguarding_names_who_is_told_and_the_most_pressing_comes_first() -> None:
    later = CARE.model_copy(update={"review_date": POLICE.review_date + timedelta(days=5)})
    found = lapsing([later, POLICE], POLICE.review_date - timedelta(days=3))

    assert [(one.agreement, one.what, one.refer_to) for one in found] == [
        ("safeguarding-police", "review", "head of safeguarding, Arrowshire Council"),
        ("adult-care-acute", "review", None),
    ]
    assert str(found[0]) == (
        "safeguarding-police 1.0 is to be reviewed by 2027-10-01 (3 days left); tell head of safeguarding, Arrowshire Council"
    )


def test_the_end_of_a_confidentiality_basis_is_warned_of() -> None:
    ends = CARE.confidentiality.model_copy(update={"expires": date(2026, 12, 1)})

    (found,) = lapsing([CARE.model_copy(update={"confidentiality": ends})], date(2026, 12, 2))

    assert (found.what, found.step) == ("confidentiality", 0)
    assert "(1 day ago)" in str(found)


def test_a_lapsed_safeguarding_agreement_says_who_takes_each_case() -> None:
    day_after = start_of(POLICE.expires + timedelta(days=1))

    with pytest.raises(
        AgreementRefused, match="expired after 2028-03-31; head of safeguarding, Arrowshire Council takes"
    ):
        in_force(read_agreement(examples.AGREEMENTS / "safeguarding-police"), (), day_after)
