"""Two valid NHS numbers in one person: nobody guesses, and nothing that is not sure is released."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.identity.contested import REASON, UNTRACED, contested, doubted, valid
from wye.identity.survivorship import rank
from wye.store.known import Candidate

AT = datetime(2026, 11, 1, tzinfo=UTC)
ONE, OTHER, WRONG = "9990000018", "9990000026", "9990000019"
SOURCES = ["frameworki", "nhs_fhir", "crm", "agresso"]


def said(value: str, source: str, *, verified: bool = False, accepted: bool = False, days: int = 0) -> Candidate:
    return Candidate(value, source, UUID(int=1), "c", AT + timedelta(days=days), None, verified, accepted)


def ordered(*candidates: Candidate) -> tuple[Candidate, ...]:
    return rank(candidates, "person", "nhs_number")


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ((said(ONE, "frameworki"),), False),
        ((said(ONE, "frameworki"), said(ONE, "crm")), False),
        ((said(ONE, "frameworki"), said("999 000 0018", "crm")), False),
        ((said(ONE, "frameworki"), said(WRONG, "crm")), False),
        ((said(ONE, "frameworki"), said("0000000000", "crm")), False),
        ((said(ONE, "frameworki"), said(OTHER, "crm")), True),
        ((said(ONE, "nhs_fhir", verified=True), said(OTHER, "frameworki")), False),
        ((said(ONE, "nhs_fhir", verified=True), said(OTHER, "crm", verified=True)), True),
        ((said(ONE, "frameworki", accepted=True), said(OTHER, "nhs_fhir", verified=True)), False),
        ((said(ONE, "nhs_fhir", verified=True), said(ONE, "nhs_fhir"), said(OTHER, "crm")), False),
    ],
)
def test_numbers_contest_each_other_only_where_both_could_be_right(candidates, expected):
    assert contested("nhs_number", ordered(*candidates)) is expected


def test_no_other_attribute_is_contested():
    names = rank([said("Ashdown", "frameworki"), said("Hollow", "crm")], "person", "family_name")

    assert not contested("family_name", names)
    assert doubted("family_name", names) == names


def test_contested_numbers_are_all_held_back():
    marked = doubted("nhs_number", ordered(said(ONE, "frameworki"), said(OTHER, "crm"), said(WRONG, "agresso")))

    assert [one.doubt for one in marked] == [REASON] * 3


def test_a_number_that_differs_from_a_traced_one_is_held_back():
    marked = doubted(
        "nhs_number", ordered(said(ONE, "crm"), said(OTHER, "frameworki"), said(ONE, "nhs_fhir", verified=True))
    )

    assert {(one.source, one.doubt) for one in marked} == {
        ("nhs_fhir", None),
        ("crm", None),
        ("frameworki", UNTRACED),
    }


candidates = st.builds(
    said,
    st.sampled_from([ONE, OTHER, WRONG]),
    st.sampled_from(SOURCES),
    verified=st.booleans(),
    days=st.integers(0, 3),
)


@given(st.lists(candidates, max_size=6))
def test_doubts_keep_the_order_and_no_two_valid_numbers_are_sure_at_once(weighed):
    before = ordered(*weighed)

    marked = doubted("nhs_number", before)

    assert tuple(replace(one, doubt=None) for one in marked) == before
    sure = {number for one in marked if one.doubt is None and (number := valid(one.value))}
    assert len(sure) <= 1
