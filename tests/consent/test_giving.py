"""Who may say a word for whom, and what is put down with it; a word that shares less is taken in any capacity."""

from dataclasses import replace
from datetime import date

import pytest

from wye.consent.giving import Word, check, read_capacity
from wye.errors import UsageError
from wye.vocabulary import ConsentKind, ConsentScope, GiverCapacity

TODAY = date(2026, 11, 21)
GIVEN = Word(
    kind=ConsentKind.CONFIDENTIALITY,
    scope=ConsentScope.HEALTH,
    given=True,
    said_on=date(2026, 11, 20),
    capacity=GiverCapacity.PERSON,
    said_by="the person, known to me",
    reference=None,
    evidence="form 12, case file",
)
PERSON, GILLICK, PARENT, DEPUTY, ATTORNEY = GiverCapacity
ADULT, YOUTH, CHILD = date(1950, 1, 1), date(2010, 1, 1), date(2014, 1, 1)


def complaint(word: Word, born: date | None) -> str:
    with pytest.raises(UsageError) as caught:
        check(word, born, TODAY)
    return str(caught.value)


def by(capacity: GiverCapacity) -> Word:
    return replace(GIVEN, capacity=capacity, reference="order 12345" if capacity in {DEPUTY, ATTORNEY} else None)


@pytest.mark.parametrize(
    ("capacity", "born"),
    [
        (PERSON, ADULT), (PERSON, YOUTH), (GILLICK, CHILD), (PARENT, CHILD), (PARENT, YOUTH), (DEPUTY, ADULT),
        (DEPUTY, YOUTH), (ATTORNEY, ADULT), (PERSON, None), (PARENT, None),
    ],
)  # fmt: skip
def test_consent_from_whoever_may_give_it_is_taken(capacity: GiverCapacity, born: date | None) -> None:
    check(by(capacity), born, TODAY)


@pytest.mark.parametrize(
    ("capacity", "born", "instead"),
    [
        (GILLICK, ADULT, "they themselves"), (PARENT, ADULT, "they themselves"), (PERSON, CHILD, "gillick-competent-child"),
        (GILLICK, YOUTH, "presumed to have capacity"), (DEPUTY, CHILD, "parental-responsibility"),
        (ATTORNEY, CHILD, "under 18"), (ATTORNEY, YOUTH, "under 18"),
    ],
)  # fmt: skip
def test_consent_from_who_may_not_give_it_is_refused_and_a_refusal_or_objection_is_taken(
    capacity: GiverCapacity, born: date, instead: str
) -> None:
    consent = by(capacity)

    assert instead in complaint(consent, born)
    assert instead in complaint(replace(consent, kind=ConsentKind.OBJECTION, given=False), born)
    check(replace(consent, given=False), born, TODAY)
    check(replace(consent, kind=ConsentKind.OBJECTION), born, TODAY)


@pytest.mark.parametrize(
    ("birthday", "capacity"), [(date(2008, 11, 20), PERSON), (date(2008, 11, 21), PARENT), (date(2010, 11, 20), PERSON)]
)
def test_age_is_that_of_the_day_on_which_it_was_said(birthday: date, capacity: GiverCapacity) -> None:
    check(by(capacity), birthday, TODAY)


def test_all_that_is_missing_is_said_at_once() -> None:
    said = complaint(
        replace(by(DEPUTY), said_by=" ", evidence="x", reference=None, said_on=date(2026, 11, 22)), date(2026, 11, 23)
    )

    assert [each in said for each in ("--by", "--evidence", "--reference", "in the future", "born")] == [True] * 5


def test_reference_is_for_a_deputy_or_an_attorney() -> None:
    assert "for a deputy or an attorney" in complaint(replace(GIVEN, reference="order 1"), ADULT)


@pytest.mark.parametrize("text", ["best-interests", "Best interests", "best-interests-decision"])
def test_best_interests_decision_is_no_consent_and_what_to_use_instead_is_said(text: str) -> None:
    with pytest.raises(UsageError, match=r"wye disclose ask.*deputy"):
        read_capacity(text)


def test_capacity_is_read_and_another_word_refused() -> None:
    assert [read_capacity(each) for each in GiverCapacity] == list(GiverCapacity)
    with pytest.raises(UsageError, match="there are: person"):
        read_capacity("neighbour")
