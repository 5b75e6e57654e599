"""Hold what working on a report needs, and open what is stored of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.audit.append import append
from wye.audit.event import NO_DETAIL, Event
from wye.errors import UsageError
from wye.keys.provider import KeyProvider
from wye.keys.rows import unseal_values
from wye.road.report import draft_body, rows, verdict
from wye.road.report.draft_body import Draft
from wye.road.report.texts import Texts
from wye.road.report.verdict import Decided
from wye.store.database import Connection
from wye.vocabulary import EventKind

PURPOSE = "subject-access"


@dataclass(frozen=True, slots=True)
class Desk:
    """Be one account at work on reports, by the auditor's login; `at` is the instant of what it does."""

    conn: Connection
    keys: KeyProvider
    texts: Texts
    actor: str
    at: datetime

    @property
    def day(self) -> date:
        """Give the day in London."""
        return day_of(self.at)

    def note(
        self,
        kind: EventKind,
        person: UUID,
        purpose: str,
        *,
        outcome: str | None = None,
        reasons: tuple[str, ...] = (),
        counts: Mapping[str, int] | None = None,
        detail: Mapping[str, str] = NO_DETAIL,
    ) -> None:
        """Write the entry of what is done, in the caller's transaction."""
        done = Event(
            kind=kind, at=self.at, actor=self.actor, person=person, purpose=purpose, outcome=outcome, reasons=reasons,
            counts=counts, detail=detail,
        )  # fmt: skip
        append(self.conn, self.keys, [done], self.at)


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a stored report, opened: whoever calls for it writes the entry of the look."""

    row: rows.DraftRow
    draft: Draft
    decided: tuple[Decided, ...]
    """Oldest first."""
    released_at: datetime | None


def open_report(desk: Desk, report: UUID) -> Opened:
    """Open a report with every word on its lines; raises UsageError if there is none, or nobody can read it any more."""
    row = rows.draft_of(desk.conn, report)
    if row is None:
        raise UsageError(f"no report `{report}`; `wye audit report list` names them")
    words = rows.decisions_of(desk.conn, report)
    sealed = {row.id: row.ciphertext} | {each.id: each.ciphertext for each in words}
    bodies = unseal_values(desk.conn, desk.keys, sealed)
    if len(bodies) != len(sealed):
        raise UsageError(f"report `{report}` can no longer be read: what was held about its person was destroyed")
    decided = tuple(Decided(verdict.read(bodies[each.id]), each.decided_by, each.decided_at) for each in words)
    return Opened(row, draft_body.read(bodies[row.id]), decided, rows.released_at(desk.conn, report))
