"""Take up one version of a record that waits in quarantine: its row, what it fails, whom it is about; and put it on record."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import orjson

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.intake import quarantine_rows
from wye.intake.land import decode
from wye.intake.quarantine_rows import Failed, Version
from wye.intake.stream import StreamMap
from wye.keys.rows import unseal_values
from wye.ports import SourceRow
from wye.road.admit import refuse_named
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.ingest import stream_map
from wye.vocabulary import EventKind

WHOLE_ROW = "*"
"""The column of a failure that is about no one column: the row cannot be mapped, or the message not be read."""


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one version that is decided about, locked until the transaction ends."""

    version: Version
    failures: Sequence[Failed]
    how: StreamMap
    row: SourceRow | None
    """None if it is no row of its stream: a partner's message that could not be read, or what is no longer held."""
    plain: bytes | None

    @property
    def rules(self) -> tuple[str, ...]:
        """Name the rules that the version fails, each once."""
        return tuple(dict.fromkeys(each.rule for each in self.failures))

    @property
    def fails_whole(self) -> bool:
        """Say whether it fails as a whole, by no one column."""
        return any(each.column == WHOLE_ROW for each in self.failures)


def case_of(hub: Hub, entry: UUID) -> Case:
    """Take up the version that a failure is about, and lock it; raises UsageError if there is none."""
    version = quarantine_rows.version_of(hub.conn, entry)
    if version is None:
        raise UsageError(f"nothing in quarantine has the id `{entry}`; `wye quality quarantine list` tells the ids")
    failures = quarantine_rows.failures_of(hub.conn, version.value)
    plain = unseal_values(hub.conn, hub.keys, {version.value: version.sealed}).get(version.value)
    stream = hub.contract(version.source).streams[version.stream]
    how = stream_map(hub, version.source, stream, hub.at(), version.agreement)
    row: SourceRow | None = None
    if plain is not None:
        with suppress(orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            row = decode(plain)
    return Case(version, failures, how, row, plain)


def open_case(hub: Hub, entry: UUID) -> Case:
    """Take up a version that nothing was decided about, and that is its record's newest; raises UsageError otherwise."""
    case = case_of(hub, entry)
    closed = next((each for each in case.failures if each.cleared_at is not None), None)
    if closed is not None:
        raise UsageError(f"`{entry}` waits no longer: cleared by {closed.cleared_by}")
    if not case.version.newest:
        raise UsageError("a newer version of the record has come and waits to be checked: decide when it was")
    return case


def persons_of(hub: Hub, case: Case) -> list[UUID]:
    """Find whom a row is about: whom it names, as far as it can be read, and whom its earlier version named."""
    subjects: list[UUID] = []
    if case.row is not None:
        with suppress(Exception):  # a row that failed may break its mapping in any way
            subjects += [each.subject for each in case.how.map(case.row)]
    return quarantine_rows.persons_about(hub.conn, case.version.record, subjects)


def put_on_record(
    hub: Hub,
    kind: EventKind,
    word: str,
    case: Case,
    reason: str,
    persons: Sequence[UUID],
    decision: UUID | None = None,
) -> None:
    """Write an entry for each person that a version is about; one about nobody, if nobody can be told.

    Raises Restricted to an account against which the record of one of them is restricted by name.
    """
    refuse_named(hub, persons)
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
    append(hub.conn, hub.keys, with_flows(hub.conn, events), at)
