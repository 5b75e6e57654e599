"""Decide on a line of a report: another account than the drafter's says whether it may be told."""

from uuid import UUID

from wye.errors import UsageError
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.road.report import rows, verdict
from wye.road.report.desk import Desk, open_report
from wye.road.report.verdict import Verdict
from wye.store.ids import uuid7
from wye.vocabulary import EventKind


def decide(desk: Desk, report: UUID, said: Verdict) -> None:
    """Store a word on a line; raises UsageError. A later word counts instead of an earlier one, until the release."""
    with desk.conn.transaction():
        rows.hold_still(desk.conn, report)
        opened = open_report(desk, report)
        if desk.actor == opened.row.drafted_by:
            raise UsageError(f"`{desk.actor}` drafted report `{report}`; another account decides on its lines")
        if opened.released_at is not None:
            raise UsageError(f"report `{report}` was released; what is to be told otherwise is a new draft")
        line = opened.draft.line(said.line)
        if line is None:
            raise UsageError(f"report `{report}` has no line `{said.line}`; it has {len(opened.draft.lines)}")
        verdict.check(said, line, desk.day)
        sealed = seal(desk.keys, uuid7(), opened.draft.person, verdict.write(said))
        insert_wraps(desk.conn, [sealed])
        rows.insert_decision(
            desk.conn, rows.DecisionRow(sealed.value, said.line, desk.actor, desk.at, sealed.ciphertext), opened.row
        )
        desk.note(
            EventKind.REPORT,
            opened.draft.person,
            said.reason,
            outcome=said.word,
            reasons=(said.exemption.value,) if said.exemption is not None else (),
            detail={"report": str(report), "line": str(said.line)},
        )
