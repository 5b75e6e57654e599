"""Release a report: what nobody withheld, once every marked line is decided."""

from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.road.report import rows
from wye.road.report.desk import PURPOSE, Desk, open_report
from wye.road.report.lines import DATA_SUBJECT
from wye.road.report.released import Released, told
from wye.road.report.verdict import released
from wye.store.ids import uuid7
from wye.vocabulary import EventKind


def release(desk: Desk, report: UUID) -> Released:
    """Give what the person may be told; raises UsageError while a marked line is undecided.

    The disclosure to the person is an entry under the account, in the same transaction: without it nothing is given.
    """
    with desk.conn.transaction():
        rows.hold_still(desk.conn, report)
        opened = open_report(desk, report)
        lines = released(opened.draft, opened.decided, desk.day)
        found = told(opened.draft, report, opened.row.drafted_at, lines, desk.texts)
        rows.insert_release(desk.conn, uuid7(), report, desk.actor, desk.at)
        event = Event(
            kind=EventKind.DISCLOSURE,
            at=desk.at,
            actor=desk.actor,
            person=opened.draft.person,
            recipient=DATA_SUBJECT,
            outcome="report",
            purpose=PURPOSE,
            counts={"lines": len(lines), "withheld": len(opened.draft.lines) - len(lines)},
            detail={"report": str(report)},
        )
        append(desk.conn, desk.keys, [event], desk.at)
    return found
