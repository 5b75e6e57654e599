"""Read what a version that waits says of protections, and note it: what is not in force yet may still withhold.

A row that fails a rule, or whose batch is held, keeps its last good version. That version may say less of protections
than the newer one. So the newer one is read as far as it can be: what it states counts beside what is in force, and if
not all could be read, whom it is about waits. See docs/adr/0005.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from wye.intake import pending_rows
from wye.intake.land import decode
from wye.intake.stream import StreamMap
from wye.keys.provider import KeyProvider
from wye.keys.rows import unseal_values
from wye.ports import SourceRow
from wye.store.database import Connection

KEPT = frozenset({"kind", "scope", "given", "from_date", "to_date"})
"""What a decision asks of flags and answers: no more of a waiting version is kept in clear."""

Stated = tuple[str, Mapping[str, object]]
"""(entity, fields) of one protection."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what one waiting version says of protections, as far as it could be read."""

    whole: bool
    """All that it says of protections was read."""
    stated: Mapping[UUID, tuple[Stated, ...]]
    """Per record of the person whom it is about: the protections, none for one of whom it states none."""
    permits: frozenset[tuple[UUID, str, str]]
    """(subject, kind, scope) of the consents that it says are given."""


class Version(NamedTuple):
    """Hold one version of a record with what it says of protections."""

    value: UUID
    record: UUID
    reading: Reading


def read(row: SourceRow, how: StreamMap, failing: frozenset[str]) -> Reading:
    """Read a row that failed on some columns: pure. It is not whole if a protection's own column failed, or mapping did."""
    stated: dict[UUID, list[Stated]] = defaultdict(list)
    permits: set[tuple[UUID, str, str]] = set()
    whole = how.protective.isdisjoint(failing)
    try:
        for each in how.map(row):
            told = stated[each.subject]
            fields = each.model_dump(mode="json", include=set(KEPT), exclude_none=True)
            if protects(each.entity, fields):
                told.append((each.entity, fields))
            elif each.entity == "consent":
                permits.add((each.subject, fields["kind"], fields["scope"]))
    except Exception:  # noqa: BLE001  a row that failed may break its mapping in any way: then it is unread
        whole = False
    return Reading(whole, {subject: tuple(told) for subject, told in stated.items()}, frozenset(permits))


def protects(entity: str, fields: Mapping[str, object]) -> bool:
    """Say whether a canonical record protects: a flag, a refusal, an objection."""
    if entity == "consent":
        return bool(fields["given"]) == (fields["kind"] == "objection")
    return entity == "flag"


def note(conn: Connection, how: StreamMap, versions: Sequence[Version], cause: str, at: datetime) -> None:
    """Note versions in the caller's transaction: of each, whom it is about, what it states, whether more is unread.

    They are about those whom the row names, those whom the record's earlier version named, else the record itself.
    A version that was read and states nothing that protects leaves no note.
    """
    if not versions:
        return
    earlier: dict[UUID, list[pending_rows.InForce]] = defaultdict(list)
    for known in pending_rows.in_force(conn, [each.record for each in versions]):
        earlier[known.record].append(known)
    bears: bool | None = None
    notes: list[pending_rows.Noted] = []
    for value, record, reading in versions:
        unread = not (reading.whole and _still_permitted(earlier[record], reading))
        subjects = {*reading.stated, *(known.subject for known in earlier[record])}
        if (not subjects or record in subjects) and bears is None:
            bears = pending_rows.bears_persons(conn, how.source, how.stream)
        for subject in sorted(subjects or {record}):
            told = reading.stated.get(subject, ())
            if unread or told:
                own = subject == record and bool(bears)
                notes.append(pending_rows.Noted(value, subject, record, own, unread, pending_rows.as_text(told)))
    pending_rows.insert(conn, how.source, how.stream, cause, notes, at)


def note_batch(conn: Connection, keys: KeyProvider, batch: UUID, how: StreamMap, cause: str, at: datetime) -> None:
    """Note every row of a batch that is held or could not be mapped, once each; none of a stream that carries no protection.

    Only whom each row is about is read: one bad batch that restricts everybody must not withdraw everybody.
    """
    if not how.protective:
        return
    landed = pending_rows.newest_of(conn, batch)
    known = pending_rows.noted(conn, [row.value for row in landed])
    fresh = [row for row in landed if row.value not in known]
    plain = unseal_values(conn, keys, {row.value: row.sealed for row in fresh})
    found = [(row, decode(plain[row.value])) for row in fresh if row.value in plain]
    versions = [Version(row.value, row.record, _about(source, how)) for row, source in found if not source.deleted]
    note(conn, how, versions, cause, at)


def _about(row: SourceRow, how: StreamMap) -> Reading:
    reading = read(row, how, frozenset())
    return Reading(whole=False, stated=dict.fromkeys(reading.stated, ()), permits=frozenset())


def _still_permitted(earlier: Sequence[pending_rows.InForce], reading: Reading) -> bool:
    """Say whether a version still gives each consent that its record gave: one that it no longer gives may be withdrawn."""
    return all(
        (known.subject, str(known.body["kind"]), str(known.body["scope"])) in reading.permits
        for known in earlier
        if known.entity == "consent" and known.body["kind"] != "objection" and known.body["given"]
    )
