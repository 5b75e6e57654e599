"""The nightly check of the search index: counts if all is right, and red, on the record, if a row is not."""

from pathlib import Path

import pytest
from audit_log import an_event
from county_hub import hub_on_database

from wye.audit.append import append
from wye.audit.search import search
from wye.errors import EnvironmentFault, EvidenceBroken
from wye.road.sequence import sequence
from wye.road.verbs import VERBS
from wye.store.database import connect
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services


def test_check_counts_what_is_right_and_raises_naming_what_is_not(database_url: str, tmp_path: Path) -> None:
    with hub_on_database(database_url, tmp_path) as hub:
        append(hub.conn, hub.keys, [an_event() for _ in range(5)], hub.at())
        sequence(hub)
        right = VERBS["check_index"](hub, None)
        with connect(database_url) as owner:
            owner.execute(
                "DELETE FROM audit.token WHERE field = 'person' AND entry = (SELECT entry FROM audit.index WHERE index = 3)"
            )

        with pytest.raises(EvidenceBroken, match=r"wrong in 1 places, first at index 3 \(check: missing\)"):
            VERBS["check_index"](hub, None)

        found = search(hub.conn, hub.keys, actor=hub.actor, searcher="t", purpose="t", at=hub.at())
        told = [each.event.outcome for each in found if each.event and each.event.kind is EventKind.VERIFICATION]
    assert right == {"rebuilt": 5, "verified": 5, "size": 5, "months": 0}
    assert told == ["wrong"]


def test_month_that_cannot_be_made_turns_the_run_red_after_the_check(database_url: str, tmp_path: Path) -> None:
    with hub_on_database(database_url, tmp_path) as hub, connect(database_url) as other:
        append(hub.conn, hub.keys, [an_event()], hub.at())
        sequence(hub)
        newest = "SELECT 'DROP TABLE audit_token.' || max(tablename) FROM pg_tables WHERE tablename LIKE 'month%'"
        other.execute(str(other.execute(newest).fetchone()[0]))
        other.execute("ALTER FUNCTION audit.make_months(date) SET lock_timeout = '50ms'")
        with other.transaction():
            other.execute("SELECT FROM audit_token.other")

            with pytest.raises(EnvironmentFault, match="coming months were not made"):
                VERBS["check_index"](hub, None)

            append(hub.conn, hub.keys, [an_event()], hub.at())  # entries go on
        sequence(hub)
        after = VERBS["check_index"](hub, None)
    assert after == {"rebuilt": 2, "verified": 2, "size": 2, "months": 1}
