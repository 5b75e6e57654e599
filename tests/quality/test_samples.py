"""Released values are drawn so that anyone can draw them again, shown one at a time on the record, and judged once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from county_hub import bring_in_county, hub_on_database
from county_source_rows import AT
from hypothesis import given
from hypothesis import strategies as st

from wye.audit.search import search
from wye.county import make
from wye.errors import UsageError
from wye.quality.sampling import Released, chance, draw_people, draw_value, sample_size
from wye.quality.score import wilson
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.restrictions import restrict
from wye.road.sample import check, look, results, sample, waiting
from wye.road.share import share
from wye.vocabulary import EventKind


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    with hub_on_database(database_url, tmp_path) as one:
        make(tmp_path / "county", 300, 11)
        bring_in_county(one, tmp_path / "county")
        identify(one)
        yield one


def consultations(hub: Hub, person: UUID) -> list[tuple[str | None, tuple[str, ...]]]:
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    events = [entry.event for entry in found if entry.event is not None]
    return [
        (one.outcome, one.fields)
        for one in events
        if one.kind is EventKind.CONSULTATION and one.purpose == "accuracy sample"
    ]


@pytest.mark.services
def test_sample_is_drawn_once_a_day_shown_on_the_record_and_judged_once(hub: Hub) -> None:
    agreement = max(hub.agreements, key=lambda name: share(hub, name).released)

    drawn = sample(hub, agreement)
    again = sample(hub, agreement)

    assert drawn.drawn == sample_size(drawn.people) > 0
    assert again.drawn == 0
    listed = waiting(hub, None, 50)
    assert len(listed) == drawn.drawn
    one = listed[0]
    assert consultations(hub, one.person) == []

    shown = look(hub, one.id)

    assert shown["values"] != "no longer held"
    assert shown["key"] != "no longer held"
    owned = hub.conn.execute(
        "SELECT count(*) FROM identity.person_row WHERE person = %s AND record = %s AND source = %s",
        (one.person, one.record, one.source),
    ).fetchone()
    assert owned is not None
    assert owned[0]
    field = f"{one.entity}.{one.field}"
    assert consultations(hub, one.person) == [(None, (field,))]

    check(hub, one.id, right=False, reason="the passport says otherwise")

    assert (("wrong", (field,))) in consultations(hub, one.person)
    with pytest.raises(UsageError, match="judged wrong already"):
        check(hub, one.id, right=True, reason="on second thoughts")
    assert len(waiting(hub, None, 50)) == drawn.drawn - 1
    (found,) = (each for each in results(hub) if each.checked)
    assert (found.owner, found.agreement, found.checked) == (one.owner, agreement, 1)
    assert found.right == wilson(0, 1)
    hub.at = lambda: AT + timedelta(days=1)
    assert sample(hub, agreement).drawn == drawn.drawn


@pytest.mark.services
def test_verdict_without_a_reason_or_on_no_sample_is_refused(hub: Hub) -> None:
    with pytest.raises(UsageError, match="reason"):
        check(hub, uuid4(), right=True, reason=" ")
    with pytest.raises(UsageError, match="no sample"):
        check(hub, uuid4(), right=True, reason="seen")
    with pytest.raises(UsageError, match="no sample"):
        look(hub, uuid4())


PEOPLE = st.lists(st.uuids(), unique=True, max_size=60)


@given(people=PEOPLE, other=st.randoms(use_true_random=False))
def test_draw_is_the_same_whatever_order_people_come_in(people: list[UUID], other: object) -> None:
    shuffled = list(people)
    other.shuffle(shuffled)  # type: ignore[attr-defined]

    first = draw_people(people, chance("a", date(2026, 11, 1)))

    assert first == draw_people(shuffled, chance("a", date(2026, 11, 1)))
    assert set(first) <= set(people)
    assert len(set(first)) == len(first) == sample_size(len(people))


def test_draws_of_other_days_and_agreements_differ() -> None:
    people = [UUID(int=number) for number in range(2_000)]
    draws = {
        tuple(draw_people(people, chance(agreement, date(2026, 11, day))))
        for agreement in ("a", "b")
        for day in (1, 2, 3)
    }

    assert len(draws) == 6


@pytest.mark.parametrize(("people", "size"), [(0, 0), (1, 1), (20, 1), (300, 6), (2_000, 11), (1_000_000, 13)])
def test_sample_size_grows_with_the_agreement_and_stays_small(people: int, size: int) -> None:
    assert sample_size(people) == size


def test_a_month_of_samples_of_a_large_agreement_meets_the_margin() -> None:
    checked = sample_size(1_000_000) * 30

    found = wilson(round(checked / 2), checked)

    assert found is not None
    assert found.high - found.share < 0.05


def test_nothing_released_draws_nothing() -> None:
    rng = chance("a", date(2026, 11, 1))
    one = Released("person", "birth_date", "crm", UUID(int=1))

    assert draw_value([], rng) is None
    assert draw_value([one, one], rng) == one


@pytest.mark.parametrize(
    ("right", "checked", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(right: int, checked: int, low: float, high: float) -> None:
    found = wilson(right, checked)

    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_wilson_of_nothing_says_nothing() -> None:
    assert wilson(0, 0) is None


@pytest.mark.services
def test_sample_is_neither_shown_to_nor_judged_by_an_account_against_which_its_record_is_restricted(hub: Hub) -> None:
    sample(hub, max(hub.agreements, key=lambda name: share(hub, name).released))
    one = waiting(hub, None, 1)[0]
    restrict(replace(hub, actor="bea"), one.person, "account", hub.actor, (), "his sister")

    with pytest.raises(UsageError, match="restricted against"):
        look(hub, one.id)
    with pytest.raises(UsageError, match="restricted against"):
        check(hub, one.id, right=True, reason="as on the passport")

    assert consultations(hub, one.person) == []
    found = search(hub.conn, hub.keys, person=one.person, searcher="auditor", purpose="test", at=hub.at())
    refused = [each.event for each in found if each.event is not None and each.event.reasons == ("restricted-record",)]
    assert [(each.kind, each.purpose) for each in refused][-2:] == [(EventKind.REFUSAL, "accuracy sample")] * 2
    assert look(replace(hub, actor="cy"), one.id)["values"] != "no longer held"
