"""Scorecards count every row of a source, by rule, dimension and day; comparisons of records count with them."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from county_hub import bring_in, bring_in_county, hub_on_database
from county_source_rows import AT, county_rows
from crm_people import three_contacts
from defect_dimensions import BY_COMPARING
from planting import OFTEN, rates_of

from wye.county import change, make
from wye.county.errors import Defect
from wye.local.cluster import Cluster
from wye.ports import record_id
from wye.quality.score_rows import days_of, rules_today
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.land import land_batch
from wye.road.quarantine import accept, undo
from wye.road.score import AGREES, FRESH, ONCE, ONE_PERSONS, SOON, score
from wye.vocabulary import Dimension

pytestmark = pytest.mark.services

PEOPLE, SEED = 400, 11
Scores = dict[tuple[str, str], tuple[int, int]]


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    with hub_on_database(database_url, tmp_path) as one:
        yield one


def scores(hub: Hub) -> Scores:
    """(rows, failed) by source and dimension, today."""
    found = days_of(hub.conn, None, 1)
    return {(one.source, one.dimension): (one.rows, one.failed) for one in found}


def failed(hub: Hub, rule: str, column: str | None = None) -> dict[str, int]:
    """Failing rows of one rule, by source."""
    by_source: dict[str, int] = {}
    for one in rules_today(hub.conn, None):
        if one.rule == rule and column in {None, one.column}:
            by_source[one.source] = by_source.get(one.source, 0) + one.failed
    return by_source


def waiting(hub: Hub) -> UUID:
    """The id of the one failure that is open."""
    found = hub.conn.execute("SELECT id FROM intake.quarantine WHERE cleared_at IS NULL").fetchall()
    ((entry,),) = cast("list[tuple[UUID]]", found)
    return entry


def scored_county(hub: Hub, folder: Path, planted: Iterable[Defect], often: float = OFTEN) -> None:
    make(folder, PEOPLE, SEED, rates=rates_of(planted, often))
    bring_in_county(hub, folder)
    identify(hub)
    score(hub)


def test_score_counts_rows_checked_and_rows_that_fail_once_each(hub: Hub) -> None:
    rows = three_contacts()
    bring_in(hub, {("crm", "contacts"): rows})

    score(hub)

    found = scores(hub)
    assert found["crm", "validity"] == (3, 1)  # two wrong values in one row are one failing row
    assert found["crm", "accuracy"] == (3, 1)
    rules = {(one.rule, one.rows, one.failed) for one in rules_today(hub.conn, "crm") if one.failed}
    assert ("mobilephone is a telephone number", 3, 1) in rules
    assert ("emailaddress1 is one address", 3, 1) in rules
    assert any(name.startswith("lastname") for name, _, _ in rules)


def test_wrong_telephone_is_not_shared_and_its_person_is(hub: Hub) -> None:
    bring_in(hub, {("crm", "contacts"): three_contacts()})

    kinds = hub.conn.execute("SELECT entity, count(*) FROM canonical.row GROUP BY entity ORDER BY 1").fetchall()
    waiting = hub.conn.execute("SELECT rule FROM intake.quarantine").fetchall()

    assert kinds == [("person", 2)]
    assert [str(rule).startswith("lastname") for (rule,) in waiting] == [True]


def test_mended_row_fails_no_longer_and_the_day_is_scored_anew(hub: Hub) -> None:
    rows = three_contacts()
    bring_in(hub, {("crm", "contacts"): rows})
    score(hub)
    mended = [replace(row, values={**row.values, "mobilephone": None, "emailaddress1": None}) for row in rows[:2]]

    bring_in(hub, {("crm", "contacts"): mended})
    score(hub)

    assert scores(hub)["crm", "validity"] == (3, 0)
    hub.at = lambda: AT + timedelta(days=1)
    score(hub)
    days = [one for one in days_of(hub.conn, "crm", 30) if one.dimension == Dimension.VALIDITY]
    assert [(one.day.isoformat(), one.failed) for one in days] == [("2026-11-01", 0), ("2026-11-02", 0)]


def test_row_that_a_steward_accepted_passes_and_what_was_left_out_of_it_still_fails(hub: Hub) -> None:
    rows = three_contacts()
    unnamed = replace(rows[2], values={**rows[2].values, "mobilephone": "123"})
    bring_in(hub, {("crm", "contacts"): [*rows[:2], unnamed]})
    score(hub)
    before = scores(hub)

    accept(hub, waiting(hub), "seen the birth certificate")
    score(hub)

    after = scores(hub)
    assert (before["crm", "accuracy"], after["crm", "accuracy"]) == ((3, 1), (3, 0))
    assert (before["crm", "validity"], after["crm", "validity"]) == ((3, 2), (3, 2))
    assert failed(hub, "lastname is a name") == {"crm": 0}


def test_accepted_row_fails_again_when_undone_and_as_a_newer_version(hub: Hub) -> None:
    instants = (AT + timedelta(minutes=minute) for minute in itertools.count())
    hub.at = lambda: next(instants)
    bring_in(hub, {("crm", "contacts"): three_contacts()})
    decided = waiting(hub)
    accept(hub, decided, "seen the birth certificate")
    score(hub)
    assert scores(hub)["crm", "accuracy"] == (3, 0)

    undo(hub, decided, "it was another's")
    score(hub)

    assert scores(hub)["crm", "accuracy"] == (3, 1)
    accept(hub, waiting(hub), "seen the birth certificate after all")
    newer = three_contacts()[2]
    bring_in(hub, {("crm", "contacts"): [replace(newer, values={**newer.values, "firstname": "Rowan"})]})
    score(hub)
    assert scores(hub)["crm", "accuracy"] == (3, 1)


def test_rows_that_a_held_batch_brings_are_not_counted_as_checked(hub: Hub) -> None:
    rows = three_contacts()
    bring_in(hub, {("crm", "contacts"): rows[:1]})
    land_batch(hub, "crm", "contacts", {record_id("crm", "contacts", row.key): row for row in rows[1:]}, cursor=None)

    score(hub)

    assert scores(hub)["crm", "validity"] == (1, 0)


def test_row_that_came_late_and_stream_that_went_quiet_are_not_timely(hub: Hub) -> None:
    rows = three_contacts()
    bring_in(hub, {("crm", "contacts"): rows[:1]})
    hub.at = lambda: AT + timedelta(days=4)
    late = [replace(row, observed_at=AT + timedelta(days=stamp)) for row, stamp in zip(rows[1:], (1, 3.5), strict=True)]
    bring_in(hub, {("crm", "contacts"): late})

    score(hub)

    assert failed(hub, SOON) == {"crm": 1}
    assert failed(hub, FRESH) == {"crm": 0}
    assert scores(hub)["crm", "timeliness"] == (3, 1)
    hub.at = lambda: AT + timedelta(days=12)
    score(hub)
    assert failed(hub, FRESH) == {"crm": 3}
    assert scores(hub)["crm", "timeliness"] == (3, 3)


def test_accounts_that_a_night_brings_late_are_not_timely_until_they_come_in_time(hub: Hub, tmp_path: Path) -> None:
    county, stream, promised = tmp_path / "county", ("civica_revenues", "accounts"), timedelta(days=3)
    make(county, PEOPLE, SEED, rates=rates_of(()))
    rows = {row.key: row for row in county_rows(county)[stream]}
    bring_in(hub, {stream: list(rows.values())})
    late: set[str] = set()
    changed_late = 0
    for night in range(1, 15):
        change(county, SEED, share=0.1)
        now = AT + timedelta(days=night)
        hub.at = lambda now=now: now
        came = {row.key: row for row in county_rows(county)[stream] if rows.get(row.key) != row}
        bring_in(hub, {stream: list(came.values())})
        behind = {key for key, row in came.items() if now - max(row.observed_at, AT) > promised}
        late = (late - came.keys()) | behind
        changed_late += len(behind & rows.keys())
        rows |= came

    score(hub)

    assert changed_late > 3
    assert failed(hub, SOON)["civica_revenues"] == len(late)
    assert scores(hub)["civica_revenues", "timeliness"] == (len(rows), len(late))


@pytest.fixture(scope="module")
def clean(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    home = tmp_path_factory.mktemp("clean")
    url = cluster.create_database("test_scores_clean", template)
    with hub_on_database(url, home) as one:
        scored_county(one, home / "county", ())
        found = scores(one)
    cluster.drop_database("test_scores_clean")
    return found


NAMES = (
    Defect.SWAPPED_NAMES,
    Defect.KEYBOARD_TYPO,
    Defect.PHONETIC_SPELLING,
    Defect.HYPHEN_DROPPED,
    Defect.FORMER_SURNAME,
)
GROUPS = {
    "duplicates": ((Defect.DUPLICATE_RECORD, Defect.DUPLICATE_MARKED), Dimension.UNIQUENESS, ONCE, "*"),
    "births": ((Defect.TRANSPOSED_DAY_MONTH, Defect.BIRTH_DATE_SLIP), Dimension.CONSISTENCY, AGREES, "birth_date"),
    "sexes": ((Defect.SEX_WRONG,), Dimension.CONSISTENCY, AGREES, "sex"),
    "names": (NAMES, Dimension.CONSISTENCY, AGREES, "family_name"),
    "numbers": ((Defect.RELATIVES_NHS_NUMBER,), Dimension.ACCURACY, ONE_PERSONS, "nhs_number"),
}


@pytest.mark.parametrize("group", GROUPS)
def test_defects_that_only_comparing_shows_move_their_dimension_and_no_other(
    group: str, hub: Hub, tmp_path: Path, clean: Scores
) -> None:
    planted, dimension, rule, column = GROUPS[group]
    assert all(BY_COMPARING[defect] == (dimension, column) for defect in planted)

    # Names that are all wrong at once are linked no more, and then one NHS number stands with two people.
    scored_county(hub, tmp_path / "county", planted, OFTEN if group != "names" else 0.08)

    found = scores(hub)
    assert sum(failed(hub, rule, column).values()) > 5
    worse = {key[1] for key, (rows, bad) in found.items() if bad / rows > clean[key][1] / clean[key][0] + 0.02}
    assert worse == {dimension}
