"""In force is: within its dates, and not suspended or terminated by the newest event of its version."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import example_agreements as examples
import pytest

from wye.agreements.events import AgreementEvent
from wye.agreements.in_force import Loaded, in_force, load_all, standing
from wye.agreements.rows import events_of, record_event
from wye.errors import AgreementRefused
from wye.settings import Settings
from wye.store.database import Connection, connect
from wye.vocabulary import AgreementState

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACUTE = "adult-care-acute"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    found = load_all(examples.AGREEMENTS, allow_examples=True)
    return next(one for one in found if isinstance(one, Loaded) and one.agreement.id == ACUTE)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        yield connection


def event(loaded: Loaded, state: str, days: int = -1, **changes: object) -> AgreementEvent:
    fields = {"agreement": ACUTE, "version": "1.0", "digest": loaded.digest, **changes}
    return AgreementEvent(
        state=AgreementState(state), actor="a.guardian", reason="as decided", at=AT + timedelta(days=days), **fields
    )  # type: ignore[arg-type]


def test_in_force_without_events_rests_on_signatures_and_dates(loaded: Loaded) -> None:
    assert in_force(loaded, (), AT).digest == loaded.digest


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-03-31T22:59:59+00:00", "in force only from 2026-04-01"),
        ("2026-03-31T23:00:00+00:00", None),
        ("2028-03-31T22:59:59+00:00", None),
        ("2028-03-31T23:00:00+00:00", "expired after 2028-03-31"),
    ],
)
def test_dates_are_days_in_london_and_the_last_is_inclusive(loaded: Loaded, at: str, said: str | None) -> None:
    if said is None:
        assert in_force(loaded, (), datetime.fromisoformat(at))
        return
    with pytest.raises(AgreementRefused, match=said):
        in_force(loaded, (), datetime.fromisoformat(at))


@pytest.mark.parametrize("state", ["suspended", "terminated"])
def test_a_newest_event_that_stops_it_is_obeyed(loaded: Loaded, state: str) -> None:
    with pytest.raises(AgreementRefused, match=f"{state} on 2026-11-19"):
        in_force(loaded, [event(loaded, "active", -9), event(loaded, state)], AT)


def test_a_suspension_that_was_lifted_or_lies_ahead_or_is_another_versions_stops_nothing(loaded: Loaded) -> None:
    events = [event(loaded, "suspended", -9), event(loaded, "active"), event(loaded, "suspended", 1)]

    assert in_force(loaded, events, AT)
    assert in_force(loaded, [event(loaded, "terminated", version="0.9")], AT)
    assert in_force(loaded, [event(loaded, "terminated", agreement="another")], AT)


def test_another_text_under_the_same_version_is_refused(loaded: Loaded) -> None:
    with pytest.raises(AgreementRefused, match="a change is a new version"):
        in_force(loaded, [event(loaded, "active", digest=b"\0" * 32)], AT)


def test_standing_reads_events_from_the_database(loaded: Loaded, conn: Connection) -> None:
    settings = Settings(agreements=examples.AGREEMENTS, allow_example_signers=True)
    assert set(standing(settings, conn, AT).in_force) == set(examples.IDS)

    record_event(conn, event(loaded, "suspended"))

    assert events_of(conn) == (event(loaded, "suspended"),)
    found = standing(settings, conn, AT)
    assert set(found.in_force) == set(examples.IDS) - {ACUTE}
    assert found.refused == {ACUTE: "suspended on 2026-11-19"}
