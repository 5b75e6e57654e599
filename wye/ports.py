"""Draw the lines that connectors stand on: the only module of the engine that a connector imports.

A connector knows one outside system. It reads rows as that system holds them, maps them to the canonical
model, shapes a disclosure for it, and writes to it. The engine keeps cursors, batches, rules and secrets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable
from uuid import UUID, uuid5

from schemas.base import Canonical
from schemas.classification import Use
from wye.errors import BadInput, ContractBroken, EnvironmentFault, SourceUnavailable, StorageExhausted
from wye.vocabulary import Dimension, Direction

__all__ = [
    "Answers",
    "BadInput",
    "Canonical",
    "Connector",
    "ContractBroken",
    "Dimension",
    "Direction",
    "Disclosure",
    "EnvironmentFault",
    "FindsDeletions",
    "Reads",
    "Receives",
    "Shapes",
    "SourceBatch",
    "SourceRow",
    "SourceUnavailable",
    "StorageExhausted",
    "Use",
    "Writes",
    "WrittenBatch",
    "record_id",
]

RECORD_NAMESPACE = UUID("8a1f3c52-5f1c-5b0e-9a53-7e0f4f6d2c11")
"""INVARIANT: never changed: every `record` of every hub derives from it."""


def record_id(source: str, stream: str, key: str) -> UUID:
    """Name a source's row for ever: UUIDv5 of source, stream and the source's own key (RFC 9562 section 5.5)."""
    return uuid5(RECORD_NAMESPACE, f"{source}\x1f{stream}\x1f{key}")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Hold one row as its system holds it. Values are JSON values (text, number, true/false, null, list, object);
    dates and times are ISO 8601 text. Most sensitive class: whatever the source holds.
    """

    key: str
    values: Mapping[str, object]
    observed_at: datetime
    """When the source says it last changed; when it was read, if the source cannot say. Aware."""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """Hold one batch of rows and the cursor that is right once the batch is durable (opaque text of the connector's)."""

    rows: Sequence[SourceRow]
    cursor: str


class Connector(Protocol):
    """Know one outside system. Built with its configuration (settings.sources[name]); light to build."""

    name: str
    contract: Path
    """The ODCS contract: one schema object per stream, named as the stream."""

    def streams(self) -> tuple[str, ...]:
        """List the streams in the order in which they are to be read."""
        ...

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        """Map one good row to canonical records: pure. Raises BadInput when the row means nothing."""
        ...


@runtime_checkable
class Reads(Protocol):
    """Read a system that waits to be asked."""

    def check(self) -> None:
        """Reach the system and leave it unchanged; raises SourceUnavailable with what to do."""
        ...

    def discover(self, stream: str) -> Mapping[str, str]:
        """Tell each column that the system really has, with its type in the system's own words."""
        ...

    def read(self, stream: str, cursor: str | None, batch_rows: int) -> Iterator[SourceBatch]:
        """Read what changed since `cursor` (all, if None) in batches; raises SourceUnavailable."""
        ...


@runtime_checkable
class Receives(Protocol):
    """Take what a partner sends by queue."""

    def rows(self, stream: str, body: bytes, received_at: datetime) -> Sequence[SourceRow]:
        """Read one message's body into rows; raises BadInput (and names no value) when the referee refuses it."""
        ...


@runtime_checkable
class FindsDeletions(Protocol):
    """Tell which keys still exist, for systems that do not announce deletions."""

    def keys(self, stream: str) -> Iterator[str]:
        """Stream every key that the system holds now."""
        ...


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Hold what one decision releases about one person, for shaping. Values are already transformed.

    `entities` maps an entity's name to its released rows; a row maps field names to JSON values. `masked` and
    `unknown` name `entity.field` pairs that the agreement covers but that a rule withheld, or that nobody holds.
    """

    agreement: str
    version: str
    subject: str
    """The person's pseudonym for this partner: HMAC under the partner's key, hex."""
    at: datetime
    entities: Mapping[str, Sequence[Mapping[str, object]]]
    masked: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


@runtime_checkable
class Shapes(Protocol):
    """Shape a disclosure into the partner's format."""

    @property
    def media_type(self) -> str:
        """Name the format that is made."""
        ...

    def shape(self, disclosure: Disclosure) -> bytes:
        """Return the partner's bytes: pure, and the same bytes for the same disclosure."""
        ...

    def check_shaped(self, body: bytes) -> None:
        """Validate shaped or received bytes with the standard's own referee; raises BadInput."""
        ...


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """Tell what was written to an outside system: its own batch name, how many, and a control total in pence."""

    name: str
    rows: int
    control_pence: int = 0


@runtime_checkable
class Writes(Protocol):
    """Write to an outside system through its own front door."""

    works_in: frozenset[Use]
    """The fields of work of those who use the system: they decide which identifiers may be written to it."""

    def write(self, stream: str, items: Sequence[Mapping[str, object]], batch: str) -> WrittenBatch:
        """Write the items as one batch named `batch`, all or nothing; the same name twice writes once.

        Raises StorageExhausted or SourceUnavailable; nothing half-written stays.
        """
        ...


@runtime_checkable
class Answers(Protocol):
    """Tell what a system's own staff decided about what was put before them."""

    def answers(self, stream: str, items: Sequence[str]) -> Mapping[str, str]:
        """Give `accepted` or `refused` by item; one that is still open is left out. Raises SourceUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Mapped:
    """Hold the canonical records of one source row, ready to store."""

    record: UUID
    source: str
    stream: str
    controller: str
    observed_at: datetime
    records: Sequence[Canonical] = field(default_factory=tuple)
