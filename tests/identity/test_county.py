"""Linking of a made county of 2,000 people, scored against its truth."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from canonical_people import AT, changed, later, link_state, store
from county_canonical import rows

from wye.county import Score, make, score
from wye.county.truth import read_truth
from wye.identity import model
from wye.identity.identify import IdentifyResult, identify
from wye.ports import record_id
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services

PEOPLE, SEED = 2_000, 1729
"""The seed is not one that model.json was learnt on."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    make(folder, PEOPLE, SEED)
    return folder


@pytest.fixture
def conn(database_url: str, county: Path) -> Iterator[Connection]:
    with connect(database_url) as opened:
        store(opened, rows(county))
        yield opened


def scored(conn: Connection, county: Path) -> Score:
    found = conn.execute("SELECT record, person FROM identity.person_link WHERE superseded_at IS NULL").fetchall()
    links: dict[object, object] = dict(found)  # type: ignore[arg-type]  # rows are untyped
    truth = county / "truth"
    return score({key: str(links[record_id(*key)]) for key in read_truth(truth) if record_id(*key) in links}, truth)


def test_county_is_linked_precisely_and_better_than_by_rules_alone(conn, county, monkeypatch, capsys):
    start = time.monotonic()
    result = identify(conn, AT)
    seconds = time.monotonic() - start
    whole = scored(conn, county)
    links = link_state(conn)

    changed(conn, {UUID(str(row[0])) for row in links}, later(1))
    again = identify(conn, later(1))
    assert (again.persons_new, again.merged) == (0, 0)
    assert link_state(conn) == links

    by_rules = _by_rules_alone(conn, county, monkeypatch)
    with capsys.disabled():
        print(f"\n{_told(result, whole, seconds)}; rules alone: recall {by_rules.recall:.3f}")  # noqa: T201  the figures

    assert whole.missing == 0
    assert whole.precision >= 0.99
    assert by_rules.precision >= 0.99
    assert whole.recall > by_rules.recall + 0.2


def _by_rules_alone(conn: Connection, county: Path, monkeypatch: pytest.MonkeyPatch) -> Score:
    conn.execute(
        "TRUNCATE identity.person, identity.person_link, identity.event, identity.doubt, identity.golden, identity.feature,"
        " identity.block, identity.footing, identity.frequency"
    )
    monkeypatch.setattr(model, "joins", _never)
    changed(conn, {record_id(*key) for key in read_truth(county / "truth")}, later(2))
    identify(conn, later(2))
    return scored(conn, county)


def _never(_weight: float, *, door: bool) -> bool:  # noqa: ARG001  stands in for model.joins
    return False


def _told(result: IdentifyResult, whole: Score, seconds: float) -> str:
    return (
        f"{result.looked_at} records, {result.persons_new} persons, {result.doubtful} doubtful in {seconds:.1f} s:"
        f" precision {whole.precision:.4f}, recall {whole.recall:.3f}, F1 {whole.f1:.3f}"
    )


def test_county_that_arrives_in_parts_gives_nearly_the_same_people(conn, county):
    """What differs is the frequency of names: early on a name is taken for as common as the shipped model has it."""
    looked_at = 1
    hour = 0
    while looked_at:
        hour += 1
        looked_at = identify(conn, later(hour), batch=700).looked_at

    found = scored(conn, county)
    assert found.missing == 0
    assert found.precision >= 0.99
    assert found.recall > 0.78
