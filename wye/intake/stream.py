"""Say how the rows of one stream are checked and mapped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from wye.ports import Canonical, SourceRow
from wye.store.database import Connection
from wye.vocabulary import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Say that one row of a batch, by its place, fails one rule."""

    row: int
    rule: str
    column: str
    dimension: str
    severity: str = Severity.ERROR
    """`warning` leaves the value out and keeps the row, `info` is counted and nothing else."""


Note = Callable[[Connection, Sequence[UUID], Sequence[tuple[UUID, Finding]], datetime], None]
"""Takes every record that was checked and what each of them fails, for the scorecards."""


def no_note(conn: Connection, checked: Sequence[UUID], failing: Sequence[tuple[UUID, Finding]], at: datetime) -> None:
    """Keep no scorecard."""


@dataclass(frozen=True, slots=True)
class StreamMap:
    """Say how one stream is checked and mapped. `check` finds failing rows or raises ContractBroken for the batch."""

    source: str
    stream: str
    controller: str
    owner: str
    check: Callable[[Sequence[Mapping[str, object]]], Sequence[Finding]]
    map: Callable[[SourceRow], Iterable[Canonical]]
    note: Note = field(default=no_note, kw_only=True)
    protective: frozenset[str] = frozenset()
    """Columns that may carry a protection; none of a stream that protects nobody."""
