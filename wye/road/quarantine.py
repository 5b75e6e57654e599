"""Let a steward work quarantine off: look, accept, discard, ask, undo. Each has its reason, its actor and its audit entry.

A decision is about one version of one record, and about all that it fails. It changes nothing at the source, and no
value is corrected here: what is wrong is put right where it is captured, and the next good version clears quarantine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from wye.errors import UsageError
from wye.intake import pending, pending_rows, quarantine_rows
from wye.intake import rows as intake_rows
from wye.intake.map import meaning, stage, without
from wye.ports import BadInput
from wye.road.admit import noting_refused
from wye.road.hub import Hub
from wye.road.quarantine_case import Case, case_of, open_case, persons_of, put_on_record
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, Severity

CLOSED = {"accept": "accepted by a steward", "discard": "discarded by a steward"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Tell what was decided, and about what."""

    decision: str
    id: UUID
    record: UUID
    rules: tuple[str, ...]
    consequence: str
    """What it means from now on, in a sentence."""


def look(hub: Hub, entry: UUID, reason: str) -> Mapping[str, object]:
    """Open the sealed row of one failure, column by column; the consultation is on the record before anything is shown."""
    with noting_refused(hub, "quality quarantine show"), hub.conn.transaction():
        case = case_of(hub, entry)
        put_on_record(hub, EventKind.CONSULTATION, "show", case, reason, persons_of(hub, case))
    failing: dict[str, list[str]] = {}
    for each in case.failures:
        failing.setdefault(each.column, []).append(each.rule)
    values: Mapping[str, object] = {}
    if case.row is not None:
        values = case.row.values
    elif case.plain is not None:
        values = {"the message": case.plain.decode(errors="replace")}
    return {
        "id": entry,
        "record": case.version.record,
        "source": case.version.source,
        "stream": case.version.stream,
        "held": case.plain is not None,
        "newest": case.version.newest,
        "closed": case.failures[0].cleared_by,
        "failures": [{"rule": each.rule, "column": each.column, "dimension": each.dimension} for each in case.failures],
        "columns": [{"column": name, "value": value, "fails": failing.get(name, [])} for name, value in values.items()],
    }


def accept(hub: Hub, entry: UUID, reason: str) -> Decision:
    """Map a version as it stands, waiving the rules that are open about it; raises UsageError if it cannot be mapped."""
    at = hub.at()
    with noting_refused(hub, "quality quarantine accept"), hub.conn.transaction():
        _needs(reason)
        case = open_case(hub, entry)
        version, how = case.version, case.how
        if version.agreement is not None and version.agreement not in hub.agreements:
            raise UsageError(
                f"it came under agreement `{version.agreement}`, which is not in force: it waits until it is"
            )
        if case.row is None or case.fails_whole:
            raise UsageError(
                "it cannot be mapped to the model, so it cannot be accepted: ask its owner, or discard it with a reason"
            )
        findings = how.check([case.row.values])
        waived = {each.rule for each in case.failures}
        more = sorted({each.rule for each in findings if each.severity == Severity.ERROR} - waived)
        if more:
            raise UsageError(
                f"it fails by now what it did not fail when it came: {_listed(more)}; read its source again"
            )
        _, left_out = meaning(findings, [0])
        try:
            staged = stage(version.record, how, without(case.row, left_out.get(0)), version.agreement)
        except BadInput as bad:
            raise UsageError(f"it cannot be mapped to the model as it stands: {bad}; ask its owner") from None
        except ValidationError:
            raise UsageError("it cannot be mapped to the model as it stands; ask its owner, or discard it") from None
        persons = persons_of(hub, case)
        intake_rows.store(hub.conn, [version.record], staged, [], at)
        number = _decide(hub, "accept", case, reason, persons, at)
    return Decision("accept", number, version.record, case.rules, "this version is in use; a newer one is checked anew")


def discard(hub: Hub, entry: UUID, reason: str, *, end: bool) -> Decision:
    """Close a version that is never to be used; the record's last good version stays in use, unless `end` ends it too."""
    at = hub.at()
    with noting_refused(hub, "quality quarantine discard"), hub.conn.transaction():
        _needs(reason)
        case = open_case(hub, entry)
        persons = persons_of(hub, case)
        if end:
            intake_rows.store(hub.conn, [], [], [case.version.record], at)
        number = _decide(hub, "discard", case, reason, persons, at, ended=end)
    after = (
        "the record's last good version was ended" if end else "the record's last good version, if any, stays in use"
    )
    return Decision("discard", number, case.version.record, case.rules, f"this version is never used; {after}")


def ask(hub: Hub, entry: UUID, reason: str) -> Decision:
    """Note that the owner of the source was asked to put it right there; it stays in quarantine."""
    with noting_refused(hub, "quality quarantine ask"), hub.conn.transaction():
        _needs(reason)
        case = open_case(hub, entry)
        number = uuid7()
        _keep(hub, number, "ask", case, reason, hub.at())
        put_on_record(hub, EventKind.CONSULTATION, "ask", case, reason, persons_of(hub, case), number)
    owner = case.how.owner
    return Decision("ask", number, case.version.record, case.rules, f"`{owner}` was asked; the row waits on")


def undo(hub: Hub, entry: UUID, reason: str) -> Decision:
    """Undo what was decided about a version, as long as no newer one has come; raises UsageError if there is nothing."""
    at = hub.at()
    with noting_refused(hub, "quality quarantine undo"), hub.conn.transaction():
        _needs(reason)
        case = case_of(hub, entry)
        decided = quarantine_rows.standing(hub.conn, case.version.value)
        if decided is None:
            raise UsageError(f"nothing was decided about `{entry}` that could be undone")
        if not case.version.newest:
            raise UsageError("a newer version of the record has come: that one counts, and nothing is left to undo")
        persons = persons_of(hub, case)
        stood = quarantine_rows.before(hub.conn, case.version.record, decided.at)
        records = [case.version.record]
        intake_rows.store(hub.conn, records if stood else [], stood, [] if stood else records, at)
        quarantine_rows.reopen(hub.conn, decided.id, at)
        if case.how.protective and case.row is not None:
            failing = frozenset(each.column for each in case.failures)
            found = pending.Version(case.version.value, case.version.record, pending.read(case.row, case.how, failing))
            pending.note(hub.conn, case.how, [found], "quarantined", at)
        persons = sorted({*persons, *persons_of(hub, case)})
        put_on_record(hub, EventKind.ALTERATION, f"undo {decided.decision}", case, reason, persons, decided.id)
    return Decision(
        "undo", decided.id, case.version.record, case.rules, "it waits again; the record is as it was before"
    )


def _needs(reason: str) -> None:
    if not reason.strip():
        raise UsageError("a reason is needed, for the record: who found what, and how")


def _decide(
    hub: Hub, decision: str, case: Case, reason: str, persons: Sequence[UUID], at: datetime, *, ended: bool = False
) -> UUID:
    # INVARIANT: one instant for the canonical rows and for the decision: `undo` finds by it what stood before.
    number = uuid7()
    _keep(hub, number, decision, case, reason, at, ended=ended)
    quarantine_rows.close(hub.conn, case.version.value, number, CLOSED[decision], at)
    pending_rows.clear(hub.conn, [case.version.record], at)
    put_on_record(hub, EventKind.ALTERATION, decision, case, reason, persons, number)
    return number


def _keep(hub: Hub, number: UUID, decision: str, case: Case, reason: str, at: datetime, *, ended: bool = False) -> None:
    quarantine_rows.keep_decision(
        hub.conn, number, case.version, decision, case.rules, ended=ended, reason=reason, actor=hub.actor, at=at
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
