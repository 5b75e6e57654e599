"""Draft a report: find every disclosure about a person, and mark what a second person must decide."""

from collections.abc import Sequence
from uuid import UUID

from wye.audit.search import FoundEntry, search
from wye.errors import UsageError
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.road.report import draft_body, rows
from wye.road.report.desk import PURPOSE, Desk, Opened, open_report
from wye.road.report.draft_body import Draft
from wye.road.report.lines import lines_of
from wye.store.ids import uuid7
from wye.vocabulary import EventKind


def draft(desk: Desk, person: UUID, reason: str, formerly: Sequence[UUID] = ()) -> UUID:
    """Draft a report and give its id; raises UsageError. The search and the draft are entries under the account.

    `formerly`: other ids that the person had before a merge; the trail keeps what went under them.
    """
    if not reason.strip():
        raise UsageError("a draft needs a reason, by `--reason`: whose request it answers, by its number")
    report = uuid7()
    with desk.conn.transaction():
        found: dict[UUID, FoundEntry] = {}
        for each in (person, *formerly):
            entries = search(
                desk.conn, desk.keys, person=each, searcher=desk.actor, purpose=f"{PURPOSE}: {reason}", at=desk.at
            )
            found |= {entry.id: entry for entry in entries}
        body = made(desk, person, tuple(formerly), reason, list(found.values()))
        sealed = seal(desk.keys, report, person, draft_body.write(body))
        insert_wraps(desk.conn, [sealed])
        rows.insert_draft(
            desk.conn,
            rows.DraftRow(report, desk.actor, desk.at, len(body.lines), body.marked, sealed.ciphertext),
        )
        counts = {"lines": len(body.lines), "marked": len(body.marked)}
        desk.note(
            EventKind.REPORT, person, f"{PURPOSE}: {reason}", outcome="draft", counts=counts,
            detail={"report": str(report)},
        )  # fmt: skip
    return report


def made(desk: Desk, person: UUID, formerly: tuple[UUID, ...], reason: str, entries: Sequence[FoundEntry]) -> Draft:
    """Make the draft of what was found."""
    kinds = [each.event.kind for each in entries if each.event is not None]
    return Draft(
        person=person,
        formerly=formerly,
        reason=reason,
        lines=lines_of(entries, desk.texts),
        unread=sum(each.event is None for each in entries),
        moves=sum(kind in {EventKind.MERGE, EventKind.UNMERGE} for kind in kinds),
    )


def look(desk: Desk, report: UUID) -> Opened:
    """Open a report for staff; the look is an entry under the account, or nothing is shown. Raises UsageError."""
    with desk.conn.transaction():
        opened = open_report(desk, report)
        desk.note(EventKind.CONSULTATION, opened.draft.person, "audit report show", detail={"report": str(report)})
    return opened
