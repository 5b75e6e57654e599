"""Read a source, land what changed, and map what is good: steps 1 to 4 of the way of a record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from wye.errors import ContractBroken, WyeError
from wye.intake import rows as intake_rows
from wye.intake.map import MappedBatch, map_batch
from wye.intake.pending import note_batch
from wye.intake.stream import Finding, StreamMap
from wye.ports import Canonical, FindsDeletions, Reads, Receives, SourceRow, SourceUnavailable, record_id
from wye.quality.check import check_rows
from wye.quality.contract import StreamContract
from wye.quality.failing_rows import Failing
from wye.quality.failing_rows import note as note_failing
from wye.quality.rows import note_read
from wye.quality.tables.seen import Seen, digests
from wye.road.faults import noting, raise_all
from wye.road.hub import Hub
from wye.road.land import land_batch
from wye.road.receive import receive
from wye.road.table_checks import Looked, holding, look_at
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import CheckOutcome, Direction


@dataclass(slots=True)
class Ingested:
    """Tell how one source went; every row read is in landed or unchanged."""

    source: str
    read: int = 0
    landed: int = 0
    deleted: int = 0
    quarantined: int = 0
    held: list[str] = field(default_factory=list)
    """What is held and why: by names of rules and columns, each reason once."""
    warned: list[str] = field(default_factory=list)
    """What table rules warn of."""

    def counts(self) -> dict[str, object]:
        """Give what may be shown anywhere: numbers, and names of rules and columns."""
        return asdict(self)


def ingest(hub: Hub, source: str, progress: Callable[[str], None] = lambda _: None) -> Ingested:
    """Read every stream of a source and map what landed.

    A stream that cannot be read stops no other, and what was landed is mapped; then its fault is raised
    (SourceUnavailable, BrokerUnavailable, ContractBroken).
    """
    done = Ingested(source)
    connector = hub.connector(source)
    contract = hub.contract(source)
    faults: list[WyeError] = []
    if isinstance(connector, Receives):
        with noting(faults):
            receive(hub, source, done)
    if isinstance(connector, Reads):
        for stream in connector.streams():
            with noting(faults):
                _read(hub, source, connector, contract.streams[stream], done)
                progress(f"{source}.{stream}: {done.read} rows read")
            if any(isinstance(fault, SourceUnavailable) for fault in faults):
                break  # the other streams are of the same system: asking on would only take longer
    map_landed(hub, source, done)
    if faults:  # whoever sees the fault sees no counts
        faults += [ContractBroken(f"held: {reason}") for reason in done.held]
    raise_all(faults)
    return done


def _read(hub: Hub, source: str, connector: Reads, columns: StreamContract, done: Ingested) -> None:
    """Land what changed in one stream; all of it, if a batch is held: its rows may look otherwise by now."""
    stream = columns.stream
    held = intake_rows.any_held(hub.conn, source, stream)
    cursor = None if held else intake_rows.cursor_of(hub.conn, source, stream)
    seen, count, repeated = Seen(), 0, 0
    for batch in connector.read(stream, cursor, hub.settings.batch_rows):
        named = [(record_id(source, stream, row.key), row) for row in batch.rows]
        landed = land_batch(hub, source, stream, dict(named), cursor=batch.cursor)
        count += len(batch.rows)
        if columns.table_rules:  # a row that changed while it was read may come again, and says that it is newer
            repeated += seen.repeats(digests((record, row.observed_at) for record, row in named))
        done.landed += landed.read - landed.unchanged
    done.read += count
    if isinstance(connector, FindsDeletions):
        done.deleted += _land_deletions(hub, source, stream, connector.keys(stream))
    if columns.table_rules:
        note_read(hub.conn, uuid7(), source, stream, count, repeated, hub.at())


def map_landed(hub: Hub, source: str, done: Ingested) -> None:
    """Map every batch of a source that waits and that no table rule holds, oldest first.

    What a partner sent under an agreement that is not in force now waits, sealed, until it is in force again.
    """
    contract = hub.contract(source)
    looked = {name: _look(hub, source, stream, done) for name, stream in contract.streams.items() if stream.table_rules}
    for batch, stream, agreement in intake_rows.unmapped(hub.conn, source):
        if agreement is not None and agreement not in hub.agreements:
            continue
        if stream in looked and batch not in looked[stream].free:
            continue  # held, or landed since the look: the next run looks at it
        at = hub.at()
        mapped = _map(hub, batch, stream_map(hub, source, contract.streams[stream], at, agreement), at)
        done.quarantined += mapped.quarantined
    done.held = holding(hub, source)


def _look(hub: Hub, source: str, stream: StreamContract, done: Ingested) -> Looked:
    def on_hold(batch: UUID) -> None:
        at = hub.at()
        note_batch(hub.conn, hub.keys, batch, stream_map(hub, source, stream, at), "held", at)

    looked = look_at(hub, source, stream, on_hold)
    done.warned += [
        f"stream `{stream.stream}`: {each.words()}" for each in looked.results if each.outcome is CheckOutcome.WARN
    ]
    return looked


def _map(hub: Hub, batch: UUID, how: StreamMap, at: datetime) -> MappedBatch:
    try:
        return map_batch(hub.conn, hub.keys, batch, how, at)
    except Exception:
        # A check or a mapping that breaks leaves the batch as it landed: what it says of protections is unread.
        if not hub.conn.broken and not hub.conn.closed:
            with hub.conn.transaction():
                note_batch(hub.conn, hub.keys, batch, how, "unmapped", at)
        raise


def stream_map(hub: Hub, source: str, stream: StreamContract, at: datetime, agreement: str | None = None) -> StreamMap:
    """Say how one stream is checked (its contract) and mapped (its connector).

    `agreement` is the one under which a partner sent it: what another lets in on the same stream does not count.
    """
    contract = hub.contract(source)
    connector = hub.connector(source)
    permitted = inbound_fields(hub, source, stream.stream, agreement) if isinstance(connector, Receives) else None

    def check(values: Sequence[Mapping[str, object]]) -> Sequence[Finding]:
        stream.check_columns(frozenset().union(*(row.keys() for row in values)))
        failures = check_rows(stream, values, at.date())
        return [Finding(each.row, each.rule, each.column, each.dimension, each.severity) for each in failures]

    def mapped(row: SourceRow) -> Iterable[Canonical]:
        records = connector.map(stream.stream, row)
        return (
            records if permitted is None else (kept for each in records if (kept := keep(each, permitted)) is not None)
        )

    def note(conn: Connection, checked: Sequence[UUID], told: Sequence[tuple[UUID, Finding]], when: datetime) -> None:
        failing = [Failing(record, each.rule, each.column, each.dimension, each.severity) for record, each in told]
        note_failing(conn, source, stream.stream, checked, failing, when)

    return StreamMap(
        source, stream.stream, contract.controller, contract.owner, check, mapped, stream.protective, note=note
    )


def inbound_fields(hub: Hub, source: str, stream: str, agreement: str | None) -> frozenset[tuple[str, str]]:
    """List the (entity, field) pairs that an agreement in force lets this partner stream bring; none if it is not in force.

    What came under none (a stream that is only looked at) may hold what any of the stream's agreements lets in.
    """
    return frozenset(
        (item.entity, item.field)
        for name, standing in hub.agreements.items()
        if (way_in := standing.agreement.inbound) is not None
        and (way_in.connector, way_in.stream) == (source, stream)
        and agreement in {None, name}
        for item in standing.agreement.items(Direction.IN)
    )


def keep(record: Canonical, permitted: frozenset[tuple[str, str]]) -> Canonical | None:
    """Leave out every field that no inbound item names; the whole record, if it cannot do without one of them."""
    kind = type(record)
    held = {name: getattr(record, name) for name in kind.model_fields if (record.entity, name) in permitted}
    if not held or any(
        info.is_required() and name != "subject" and name not in held for name, info in kind.model_fields.items()
    ):
        return None
    return kind(subject=record.subject, **held)


def _land_deletions(hub: Hub, source: str, stream: str, keys: Iterable[str]) -> int:
    gone = intake_rows.missing_from(hub.conn, source, stream, (record_id(source, stream, key) for key in keys))
    step = hub.settings.batch_rows
    for start in range(0, len(gone), step):
        tombstones = {record: SourceRow("", {}, hub.at(), deleted=True) for record in gone[start : start + step]}
        land_batch(hub, source, stream, tombstones, cursor=None)
    return len(gone)
