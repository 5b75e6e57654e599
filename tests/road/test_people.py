"""Every look at a person, merge and undo is on the record."""

import pytest

from wye.audit.search import search
from wye.road.hub import Hub
from wye.road.people import look, merge, unmerge
from wye.vocabulary import EventKind


def kinds(hub: Hub, person: object) -> list[EventKind]:
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())  # type: ignore[arg-type]
    return [entry.event.kind for entry in found if entry.event is not None]


@pytest.fixture
def two(walked: Hub) -> tuple[object, object]:
    rows = walked.conn.execute(
        "SELECT DISTINCT l.person FROM identity.person_link l JOIN identity.golden g ON g.person = l.person"
        " AND g.attribute = 'nhs_number' AND g.superseded_at IS NULL WHERE l.superseded_at IS NULL"
        " AND NOT EXISTS (SELECT FROM identity.person_row f WHERE f.person = l.person AND f.entity = 'flag')"
        " ORDER BY l.person LIMIT 2"
    ).fetchall()
    return rows[0][0], rows[1][0]


def test_look_is_a_consultation_about_that_person(walked: Hub, two: tuple[object, object]) -> None:
    before = kinds(walked, two[0]).count(EventKind.CONSULTATION)

    shown = look(walked, two[0])  # type: ignore[arg-type]

    assert shown
    # one for the look, and one for the search that counted before
    assert kinds(walked, two[0]).count(EventKind.CONSULTATION) == before + 2


def test_merge_and_undo_write_entries_for_both(walked: Hub, two: tuple[object, object]) -> None:
    merged = merge(walked, *two, "same passport")  # type: ignore[arg-type]
    unmerge(walked, merged.event, "two passports")

    for person in two:
        assert {EventKind.MERGE, EventKind.UNMERGE} <= set(kinds(walked, person))
    due = walked.conn.execute("SELECT count(DISTINCT person) FROM sharing.due WHERE cause = 'unmerge'").fetchone()
    assert due == (2,)
