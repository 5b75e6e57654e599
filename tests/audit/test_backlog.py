"""Entries that wait too long for their place in the log: said first, then nothing more is disclosed."""

from datetime import timedelta

import pytest
from audit_log import AT, ORIGIN, an_event

from wye.audit.append import append
from wye.audit.backlog import ALARM, STOP, overdue, require_sequenced, waited
from wye.audit.sequencer import sequence
from wye.errors import EvidenceBroken
from wye.keys.file import FileKeys
from wye.store.database import Connection

pytestmark = pytest.mark.services
SECOND = timedelta(seconds=1)


def test_oldest_entry_without_an_index_is_what_waits(conn: Connection, keys: FileKeys) -> None:
    assert waited(conn, AT) == timedelta()
    append(conn, keys, [an_event()], AT)
    append(conn, keys, [an_event()], AT + 10 * SECOND)

    assert waited(conn, AT + 30 * SECOND) == 30 * SECOND

    while sequence(conn, keys, ORIGIN, AT + 40 * SECOND) is not None:
        pass
    assert waited(conn, AT + STOP * 2) == timedelta()


def test_waiting_alarms_before_it_stops_disclosures_and_names_nobody(conn: Connection, keys: FileKeys) -> None:
    append(conn, keys, [an_event()], AT)

    assert overdue(conn, AT + ALARM) is None
    assert "has waited 20 minutes" in str(overdue(conn, AT + ALARM + SECOND))
    require_sequenced(conn, AT + STOP)
    with pytest.raises(EvidenceBroken, match=r"has waited 60 minutes .* nothing is disclosed until the log goes on"):
        require_sequenced(conn, AT + STOP + SECOND)
