"""Section 62 counts of flows with the police: by month and kind, and of what happens under no agreement, by the flows of its people."""

from datetime import UTC, date, datetime

import pytest
from audit_log import OTHER, an_event
from reporting import POLICE, entries_of, texts, to_hospital, to_police, written

from wye.audit.search import search
from wye.errors import UsageError
from wye.keys.file import FileKeys
from wye.keys.rows import delete_wraps_of_holder
from wye.road.section62 import KINDS, Counts, section62
from wye.road.section62_page import CLAIM, page, text
from wye.store.database import Connection
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
AT = datetime(2026, 12, 31, 12, tzinfo=UTC)
FLOW = POLICE["agreement"]


def counted(
    conn: Connection, keys: FileKeys, since: date = date(2026, 10, 1), until: date = date(2026, 12, 31)
) -> Counts:
    return section62(conn, keys, texts(), since, until, actor="pat.auditor", at=AT)


def test_counts_are_by_month_in_london_and_of_flows_with_the_police_only(conn: Connection, keys: FileKeys) -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # still October: London is on GMT by then
    summer = datetime(2026, 9, 30, 23, 30, tzinfo=UTC)  # October already, by London's summer time
    written(
        conn,
        keys,
        to_police(at=summer),
        to_police(at=late),
        to_police(),
        to_police(outcome="withdraw"),
        to_police(kind=EventKind.REFUSAL),
        to_hospital(),
        an_event(kind=EventKind.COLLECTION, person=None, agreement=FLOW, recipient="arrowshire-council"),
    )

    found = counted(conn, keys)

    assert [flow.agreement for flow in found.flows] == [FLOW]
    assert found.months == ((2026, 10), (2026, 11), (2026, 12))
    assert [found.number(FLOW, month, EventKind.DISCLOSURE) for month in found.months] == [2, 1, 0]
    assert [found.number(FLOW, month, EventKind.COLLECTION) for month in found.months] == [0, 1, 0]
    assert [found.number(FLOW, month, EventKind.ERASURE) for month in found.months] == [0] * 3


def test_what_happens_under_no_agreement_is_counted_under_each_flow_of_its_people(
    conn: Connection, keys: FileKeys
) -> None:
    flows = {"agreement": None, "recipient": None, "flows": ("adult-care-acute", FLOW)}
    (sent,) = written(conn, keys, to_police())
    written(
        conn,
        keys,
        an_event(kind=EventKind.ALTERATION, **flows),
        an_event(kind=EventKind.CONSULTATION, **flows),
        an_event(kind=EventKind.MERGE, **flows),
        an_event(kind=EventKind.UNMERGE, **flows),
        an_event(kind=EventKind.COMBINATION, person=None, **flows),
        an_event(kind=EventKind.ERASURE, person=None, **flows),
        an_event(kind=EventKind.ALTERATION, agreement=None),
        to_police(kind=EventKind.UNSENT, detail={"entry": str(sent.id)}),
    )

    found = counted(conn, keys)

    assert [found.number(FLOW, (2026, 11), kind) for kind in KINDS] == [0, 2, 1, 0, 2, 1]


def test_counting_is_on_the_record_and_does_not_count_itself(conn: Connection, keys: FileKeys) -> None:
    search(conn, keys, agreement=FLOW, searcher="sam.steward", purpose="complaint-17", at=AT)

    counted(conn, keys)
    again = counted(conn, keys)

    looks = search(conn, keys, actor="pat.auditor", searcher="a test", purpose="a test", at=AT)
    assert [each.event.purpose for each in looks if each.event] == ["section 62 counts"] * 2
    assert again.number(FLOW, (2026, 12), EventKind.CONSULTATION) == 1


def test_entries_that_nobody_reads_any_more_are_said(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police(), to_police(person=OTHER))
    delete_wraps_of_holder(conn, OTHER)

    found = counted(conn, keys)

    assert (found.number(FLOW, (2026, 11), EventKind.DISCLOSURE), found.unread[FLOW]) == (1, 1)
    assert "and 1 entries that can no longer be read" in text(found)


def test_page_says_whom_it_binds_and_claims_no_more(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police())
    found = counted(conn, keys, date(2026, 11, 1), date(2026, 11, 30))

    for made in (page(found), text(found)):
        assert CLAIM.replace("'", "&#x27;") in made or CLAIM in made
        assert "Marches Police" in made
        assert "2026-11" in made
    assert "<td>0</td><td>0</td><td>0</td><td>1</td><td>0</td><td>0</td>" in page(found)
    assert entries_of(conn, keys, EventKind.DISCLOSURE)


def test_days_the_wrong_way_round_are_refused(conn: Connection, keys: FileKeys) -> None:
    with pytest.raises(UsageError, match="is before"):
        counted(conn, keys, date(2026, 12, 1), date(2026, 11, 1))
