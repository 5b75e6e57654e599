"""Say what is held, refuse to go on as if nothing were, and release what a person says is right as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import ContractBroken, UsageError
from wye.intake import waiting_rows
from wye.quality import rows
from wye.road.hub import Hub
from wye.road.table_checks import holding
from wye.store.ids import uuid7
from wye.vocabulary import CheckOutcome, EventKind


@dataclass(frozen=True, slots=True)
class Released:
    """Tell what a person released: the batches that the next run maps."""

    release: UUID
    source: str
    stream: str
    batches: tuple[UUID, ...]


def check_held(hub: Hub, source: str) -> dict[str, object]:
    """Raise ContractBroken with every reason for which something of a source is held: what makes a task red.

    It stands beside `ingest`, not in it: what was good is mapped and goes on while a person looks at the rest.
    """
    reasons = holding(hub, source)
    if reasons:
        raise ContractBroken(f"held, of `{source}`: {'; '.join(reasons)}")
    return {"held": 0}


def report(hub: Hub) -> dict[str, list[Mapping[str, object]]]:
    """Give the latest result of every table rule and what is held: figures, and never a value."""
    return {"rules": [each._asdict() for each in rows.latest(hub.conn)], "held": waiting_rows.held(hub.conn)}


def release(hub: Hub, what: str, reason: str) -> Released:
    """Release what table rules hold of `source.stream`, or one batch by its id; the next run maps it.

    What a batch's row rules or columns say still counts. Of a whole stream, the look that held it becomes the
    beginning of a new history: this is what is normal from now on. Raises UsageError if nothing is held.
    """
    if not reason.strip():
        raise UsageError("a release needs a reason, for the record")
    at = hub.at()
    with hub.conn.transaction():
        batch, source, stream = _named(hub, what)
        look = rows.last_look(hub.conn, source, stream)
        held = rows.unreleased(hub.conn, look.id) if look is not None else []
        batches = held if batch is None else [each for each in held if each == batch]
        found = [each for each in rows.latest(hub.conn, source) if each.stream == stream and not each.released]
        rules = [each.rule for each in found if each.outcome in {CheckOutcome.HOLD, CheckOutcome.BROKEN}]
        if look is None or not rules or (batch is not None and not batches):
            raise UsageError(f"nothing of `{what}` is held by a table rule; `wye quality report` lists what is")
        number = uuid7()
        whole = batches == held
        rows.insert_release(hub.conn, number, source, stream, look.id, batches, reason, hub.actor, at, whole=whole)
        waiting_rows.let_go(hub.conn, batches)
        told = Event(
            kind=EventKind.ALTERATION,
            at=at,
            actor=hub.actor,
            purpose=f"{source}.{stream}",
            outcome="released",
            reasons=tuple(rules),
            counts={"batches": len(batches)},
            detail={"release": str(number)},
        )
        append(hub.conn, hub.keys, [told], at)
    return Released(number, source, stream, tuple(batches))


def _named(hub: Hub, what: str) -> tuple[UUID | None, str, str]:
    """Read `source.stream`, or the id of a batch."""
    source, _, stream = what.partition(".")
    if stream:
        if source not in hub.source_names or stream not in hub.contract(source).streams:
            raise UsageError(f"no stream `{what}`; it is said as source.stream, such as `frameworki.persons`")
        return None, source, stream
    try:
        batch = UUID(what)
    except ValueError:
        raise UsageError(
            f"`{what}` is neither source.stream, such as `frameworki.persons`, nor the id of a batch"
        ) from None
    found = rows.stream_of(hub.conn, batch)
    if found is None:
        raise UsageError(f"no table rule holds batch `{what}`; `wye quality report` lists what is held")
    return batch, *found
