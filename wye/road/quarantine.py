"""Let a steward work quarantine off: look, accept, discard, ask, undo. Each has its reason, its actor and its audit entry.

A decision is about one version of one record, and about all that it fails. It changes nothing at the source, and no
value is corrected here: what is wrong is put right where it is captured, and the next good version clears quarantine.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import ValidationError

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.intake import pending, pending_rows, quarantine_rows
from wye.intake import rows as intake_rows
from wye.intake.land import decode
from wye.intake.map import StreamMap, meaning, stage, without
from wye.intake.quarantine_rows import Failed, Version
from wye.keys.rows import unseal_values
from wye.ports import BadInput, SourceRow
from wye.road.hub import Hub
from wye.road.ingest import stream_map
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, Severity

WHOLE_ROW = "*"
"""The column of a failure that is about no one column: the row cannot be mapped, or the message not be read."""
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


@dataclass(frozen=True, slots=True)
class _Case:
    """Hold one version that is decided about, locked until the transaction ends."""

    version: Version
    failures: Sequence[Failed]
    how: StreamMap
    row: SourceRow | None
    """None if it is no row of its stream: a partner's message that could not be read, or what is no longer held."""
    plain: bytes | None


def look(hub: Hub, entry: UUID, reason: str) -> Mapping[str, object]:
    """Open the sealed row of one failure, column by column; the consultation is on the record before anything is shown."""
    with hub.conn.transaction():
        case = _case(hub, entry)
        _record(hub, EventKind.CONSULTATION, "show", case, reason, _persons(hub, case))
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
    with hub.conn.transaction():
        case = _open_case(hub, entry, reason)
        version, how = case.version, case.how
        if version.agreement is not None and version.agreement not in hub.agreements:
            raise UsageError(
                f"it came under agreement `{version.agreement}`, which is not in force: it waits until it is"
            )
        if case.row is None or any(each.column == WHOLE_ROW for each in case.failures):
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
        persons = _persons(hub, case)
        intake_rows.store(hub.conn, [version.record], staged, [], at)
        number = _decide(hub, "accept", case, reason, persons, at)
    return Decision(
        "accept", number, version.record, _rules(case), "this version is in use; a newer one is checked anew"
    )


def discard(hub: Hub, entry: UUID, reason: str, *, end: bool) -> Decision:
    """Close a version that is never to be used; the record's last good version stays in use, unless `end` ends it too."""
    at = hub.at()
    with hub.conn.transaction():
        case = _open_case(hub, entry, reason)
        persons = _persons(hub, case)
        if end:
            intake_rows.store(hub.conn, [], [], [case.version.record], at)
        number = _decide(hub, "discard", case, reason, persons, at, ended=end)
    after = (
        "the record's last good version was ended" if end else "the record's last good version, if any, stays in use"
    )
    return Decision("discard", number, case.version.record, _rules(case), f"this version is never used; {after}")


def ask(hub: Hub, entry: UUID, reason: str) -> Decision:
    """Note that the owner of the source was asked to put it right there; it stays in quarantine."""
    with hub.conn.transaction():
        case = _open_case(hub, entry, reason)
        number = uuid7()
        _keep(hub, number, "ask", case, reason, hub.at())
        _record(hub, EventKind.CONSULTATION, "ask", case, reason, _persons(hub, case), number)
    owner = case.how.owner
    return Decision("ask", number, case.version.record, _rules(case), f"`{owner}` was asked; the row waits on")


def undo(hub: Hub, entry: UUID, reason: str) -> Decision:
    """Undo what was decided about a version, as long as no newer one has come; raises UsageError if there is nothing."""
    at = hub.at()
    with hub.conn.transaction():
        _needs(reason)
        case = _case(hub, entry)
        decided = quarantine_rows.standing(hub.conn, case.version.value)
        if decided is None:
            raise UsageError(f"nothing was decided about `{entry}` that could be undone")
        if not case.version.newest:
            raise UsageError("a newer version of the record has come: that one counts, and nothing is left to undo")
        persons = _persons(hub, case)
        stood = quarantine_rows.before(hub.conn, case.version.record, decided.at)
        record = [case.version.record]
        intake_rows.store(hub.conn, record if stood else [], stood, [] if stood else record, at)
        quarantine_rows.reopen(hub.conn, decided.id, at)
        if case.how.protective and case.row is not None:
            failing = frozenset(each.column for each in case.failures)
            found = pending.Version(case.version.value, case.version.record, pending.read(case.row, case.how, failing))
            pending.note(hub.conn, case.how, [found], "quarantined", at)
        persons = sorted({*persons, *_persons(hub, case)})
        _record(hub, EventKind.ALTERATION, f"undo {decided.decision}", case, reason, persons, decided.id)
    return Decision(
        "undo", decided.id, case.version.record, _rules(case), "it waits again; the record is as it was before"
    )


def _needs(reason: str) -> None:
    if not reason.strip():
        raise UsageError("a reason is needed, for the record: who found what, and how")


def _case(hub: Hub, entry: UUID) -> _Case:
    version = quarantine_rows.version_of(hub.conn, entry)
    if version is None:
        raise UsageError(f"nothing in quarantine has the id `{entry}`; `wye quality quarantine list` tells the ids")
    failures = quarantine_rows.failures_of(hub.conn, version.value)
    plain = unseal_values(hub.conn, hub.keys, {version.value: version.sealed}).get(version.value)
    how = stream_map(hub, version.source, hub.contract(version.source).streams[version.stream], hub.at())
    row: SourceRow | None = None
    if plain is not None:
        with suppress(orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            row = decode(plain)
    return _Case(version, failures, how, row, plain)


def _open_case(hub: Hub, entry: UUID, reason: str) -> _Case:
    _needs(reason)
    case = _case(hub, entry)
    closed = next((each for each in case.failures if each.cleared_at is not None), None)
    if closed is not None:
        raise UsageError(f"`{entry}` waits no longer: cleared by {closed.cleared_by}")
    if not case.version.newest:
        raise UsageError("a newer version of the record has come and waits to be checked: decide when it was")
    return case


def _persons(hub: Hub, case: _Case) -> list[UUID]:
    """Find whom a row is about: whom it names, as far as it can be read, and whom its earlier version named."""
    subjects: list[UUID] = []
    if case.row is not None:
        with suppress(Exception):  # a row that failed may break its mapping in any way
            subjects += [each.subject for each in case.how.map(case.row)]
    return quarantine_rows.persons_about(hub.conn, case.version.record, subjects)


def _decide(
    hub: Hub, decision: str, case: _Case, reason: str, persons: Sequence[UUID], at: datetime, *, ended: bool = False
) -> UUID:
    # INVARIANT: one instant for the canonical rows and for the decision: `undo` finds by it what stood before.
    number = uuid7()
    _keep(hub, number, decision, case, reason, at, ended=ended)
    quarantine_rows.close(hub.conn, case.version.value, number, CLOSED[decision], at)
    pending_rows.clear(hub.conn, [case.version.record], at)
    _record(hub, EventKind.ALTERATION, decision, case, reason, persons, number)
    return number


def _keep(
    hub: Hub, number: UUID, decision: str, case: _Case, reason: str, at: datetime, *, ended: bool = False
) -> None:
    quarantine_rows.keep_decision(
        hub.conn, number, case.version, decision, _rules(case), ended=ended, reason=reason, actor=hub.actor, at=at
    )


def _record(
    hub: Hub,
    kind: EventKind,
    word: str,
    case: _Case,
    reason: str,
    persons: Sequence[UUID],
    decision: UUID | None = None,
) -> None:
    """Write an entry for each person that it is about; one about nobody, if nobody can be told."""
    at = hub.at()
    detail = {"record": str(case.version.record), "version": str(case.version.value), "why": reason}
    if decision is not None:
        detail["decision"] = str(decision)
    about: Sequence[UUID | None] = persons or [None]
    events = [
        Event(
            kind=kind,
            at=at,
            actor=hub.actor,
            person=person,
            purpose=f"quality quarantine {word}",
            outcome=word,
            detail=detail,
        )
        for person in about
    ]
    append(hub.conn, hub.keys, events, at)


def _rules(case: _Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.rule for each in case.failures))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
