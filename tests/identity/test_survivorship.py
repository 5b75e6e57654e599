"""Survivorship: a total order that restricting to some sources keeps, with reasons."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.identity.survivorship import explain, rank, rank_rows, ranking
from wye.store.known import Candidate, KnownRow

AT = datetime(2026, 11, 1, tzinfo=UTC)
SOURCES = ["frameworki", "nhs_fhir", "crm", "civica_revenues", "police", "agresso", "a_new_source"]
ATTRIBUTES = ["family_name", "nhs_number", "birth_date", "nino", "interpreter_needed"]

candidates = st.builds(
    Candidate,
    value=st.one_of(st.text(min_size=1, max_size=4), st.booleans(), st.integers(0, 3)),
    source=st.sampled_from(SOURCES),
    record=st.integers(0, 5).map(lambda n: UUID(int=n)),
    controller=st.just("arrowshire-council"),
    observed_at=st.integers(0, 3).map(lambda days: AT + timedelta(days=days)),
    agreement=st.none(),
    verified=st.booleans(),
    accepted=st.booleans(),
)


def candidate(
    value: object, source: str, days: int = 0, record: int = 1, *, verified: bool = False, accepted: bool = False
) -> Candidate:
    observed_at = AT + timedelta(days=days)
    return Candidate(value, source, UUID(int=record), "arrowshire-council", observed_at, None, verified, accepted)


@given(st.lists(candidates, max_size=8), st.sampled_from(ATTRIBUTES), st.sets(st.sampled_from(SOURCES)))
def test_restricting_to_some_sources_keeps_the_order(weighed, attribute, permitted):
    whole = rank(weighed, "person", attribute)
    part = rank([one for one in weighed if one.source in permitted], "person", attribute)

    assert part == tuple(one for one in whole if one.source in permitted)


@given(st.lists(candidates, max_size=8), st.sampled_from(ATTRIBUTES), st.randoms(use_true_random=False))
def test_order_of_reading_does_not_matter(weighed, attribute, chance: Random):
    shuffled = list(weighed)
    chance.shuffle(shuffled)

    assert rank(weighed, "person", attribute) == rank(shuffled, "person", attribute)


@pytest.mark.parametrize(
    ("better", "worse", "reason"),
    [
        (candidate("A", "frameworki"), candidate("Abc", "crm", days=9), "its source is ranked lower"),
        (candidate("A", "crm", days=2), candidate("Abc", "crm", days=1), "older"),
        (candidate("Abc", "crm"), candidate("A", "crm"), "less full"),
        (
            candidate("A", "crm", record=1),
            candidate("B", "crm", record=2),
            "equal in all; the lower record id stands first",
        ),
        (candidate("A", "frameworki"), candidate("A", "crm"), "says the same"),
    ],
)
def test_rank_goes_by_source_then_recency_then_completeness_then_record(better, worse, reason):
    ordered = rank([worse, better], "person", "family_name")

    assert ordered == (better, worse)
    assert [one.reason for one in explain(ordered, "person", "family_name")][1] == reason


def test_nhs_number_of_the_hospital_wins_over_social_care():
    hospital, care = candidate("9990000018", "nhs_fhir"), candidate("9990000026", "frameworki", days=5)

    assert rank([care, hospital], "person", "nhs_number")[0] == hospital
    assert "national register" in explain((hospital, care), "person", "nhs_number")[0].reason


def test_traced_number_wins_over_an_untraced_one_whatever_the_rank():
    untraced = candidate("9990000018", "nhs_fhir", days=9)
    traced = candidate("9990000026", "agresso", verified=True)

    ordered = rank([untraced, traced], "person", "nhs_number")

    assert ordered == (traced, untraced)
    assert [one.reason for one in explain(ordered, "person", "nhs_number")] == [
        "traced: its source says that it was checked against the national register",
        "its source does not say that it was traced",
    ]


def test_among_traced_numbers_the_rank_decides():
    low, high = (
        candidate("9990000018", "crm", days=9, verified=True),
        candidate("9990000026", "nhs_fhir", verified=True),
    )

    ordered = rank([low, high], "person", "nhs_number")

    assert ordered == (high, low)
    assert explain(ordered, "person", "nhs_number")[1].reason == "its source is ranked lower"


def test_what_a_steward_found_right_wins_over_a_traced_number():
    traced, right = (
        candidate("9990000018", "nhs_fhir", verified=True),
        candidate("9990000026", "crm", accepted=True),
    )

    ordered = rank([traced, right], "person", "nhs_number")

    assert ordered == (right, traced)
    assert [one.reason for one in explain(ordered, "person", "nhs_number")] == [
        "a steward found it right",
        "a steward found another value right",
    ]


def test_every_ranking_says_why():
    assert all(ranking("person", attribute).reason for attribute in ATTRIBUTES)


def test_current_home_stands_before_old_homes_and_other_addresses():
    def row(kind: str, to_date: str | None, source: str = "crm", days: int = 0) -> KnownRow:
        values = {"kind": kind, "to_date": to_date}
        return KnownRow(values, source, UUID(int=1), "arrowshire-council", AT + timedelta(days=days), None)

    old = row("home", "2025-01-01", "civica_revenues", 9)
    post = row("correspondence", None, "civica_revenues", 9)
    home, other = row("home", None, days=1), row("home", None, "frameworki")

    assert rank_rows("address", [old, post, home, other]) == (other, home, post, old)


rows = st.builds(
    lambda kind, ended, source, record, days: KnownRow(
        {"kind": kind, "to_date": ended},
        source,
        UUID(int=record),
        "arrowshire-council",
        AT + timedelta(days=days),
        None,
    ),
    st.sampled_from(["home", "placement", None]),
    st.sampled_from([None, "2025-01-01"]),
    st.sampled_from(SOURCES),
    st.integers(0, 3),
    st.integers(0, 2),
)


@given(st.lists(rows, max_size=6), st.sampled_from(["address", "involvement"]))
def test_rows_are_ordered_by_every_part_of_the_key_whether_or_not_it_is_needed(found, entity):
    def whole_key(row: KnownRow) -> tuple[object, ...]:
        return (
            row.values["to_date"] is not None,
            entity == "address" and row.values["kind"] not in ("home", None),
            ranking(entity).of(row.source),
            -row.observed_at.timestamp(),
            row.record.int,
            orjson.dumps(row.values, option=orjson.OPT_SORT_KEYS),
        )

    assert rank_rows(entity, found) == tuple(sorted(found, key=whole_key))
