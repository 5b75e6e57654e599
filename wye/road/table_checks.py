"""Look at what waits of each stream as a whole before any of it is mapped; hold what its table rules hold.

What is looked at is all that waits of a stream, not one read: what was held is looked at again beside what came since,
in its newest versions, so that a source that mends its rows ends the hold by itself. Two looks, or a kill between a
look and the mapping, change nothing: the next run looks again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl

from wye.errors import ContractBroken
from wye.intake import waiting_rows
from wye.intake.land import decode
from wye.keys.rows import unseal_values
from wye.ports import SourceRow, record_id
from wye.quality import rows
from wye.quality.check import as_text, check_rows
from wye.quality.contract import StreamContract
from wye.quality.tables.check import HOLDING, Result, check_look
from wye.quality.tables.profile import Profile
from wye.quality.tables.rule import NEWEST, PRESENT, REPEATED, Batch, Look
from wye.road.hub import Hub
from wye.store.ids import uuid7
from wye.vocabulary import CheckOutcome, Severity

WORST = (CheckOutcome.BROKEN, CheckOutcome.HOLD, CheckOutcome.WARN, CheckOutcome.PASS)


@dataclass(frozen=True, slots=True)
class Looked:
    """Tell what may be mapped of a stream now, which of its batches a rule holds, and every rule's result."""

    free: frozenset[UUID]
    held: tuple[UUID, ...] = ()
    results: tuple[Result, ...] = ()


def look_at(hub: Hub, source: str, stream: StreamContract, on_hold: Callable[[UUID], None]) -> Looked:
    """Look at what waits of one stream, once a day even if nothing does: silence is a finding of some rules.

    A batch that a person has released is free. One that left its contract is free too: mapping holds it, by its columns.
    `on_hold` is called for each batch that is held, in the transaction that holds it.
    """
    waiting = waiting_rows.waiting(hub.conn, source, stream.stream)
    released = rows.released(hub.conn, [each.batch for each in waiting])
    unsure = [each for each in waiting if each.batch not in released]
    at = hub.at()
    last = rows.last_look(hub.conn, source, stream.stream)
    read = rows.last_read(hub.conn, source, stream.stream, last.checked_at if last else None)
    looked_today = last is not None and last.checked_at.date() >= at.date()
    if not unsure and (read is None or looked_today):
        return Looked(frozenset(released))
    profile, deleting = _profile(hub, source, stream, [each.batch for each in unsure], at)
    figures = profile.close(
        {
            **({name: figure for name, figure in last.figures.items() if name.startswith(NEWEST)} if last else {}),
            PRESENT: float(waiting_rows.present(hub.conn, source, stream.stream)),
            REPEATED: float(read.repeated if read else 0),
        }
    )
    whole = not unsure or (read is not None and read.read_at >= max(each.landed_at for each in unsure))
    results = check_look(
        stream.table_rules,
        profile,
        Look(figures, rows.history(hub.conn, source, stream.stream), whole, at),
    )
    held = _held(results, [each.batch for each in unsure], deleting)
    look = uuid7()
    with hub.conn.transaction():
        worst = min((each.outcome for each in results), key=WORST.index)
        accepted = whole and worst not in HOLDING
        rows.insert_look(hub.conn, look, source, stream.stream, worst, figures, results, at, accepted=accepted)
        if held:
            found = "; ".join(each.words() for each in results if each.outcome in HOLDING)
            reason = f"stream `{stream.stream}`: {found}"
            waiting_rows.hold(hub.conn, held, reason)
            rows.note_holds(hub.conn, look, held)
            for batch in held:
                on_hold(batch)
    free = released | ({each.batch for each in unsure} - set(held))
    return Looked(frozenset(free), tuple(held), tuple(results))


def _held(results: Sequence[Result], batches: Sequence[UUID], deleting: frozenset[UUID]) -> list[UUID]:
    holding = [each.rule.rule for each in results if each.outcome in HOLDING]
    if not holding:
        return []
    return [batch for batch in batches if batch in deleting or not all(rule.deletions_only for rule in holding)]


def _profile(
    hub: Hub, source: str, stream: StreamContract, batches: Sequence[UUID], at: datetime
) -> tuple[Profile, frozenset[UUID]]:
    """Count batch by batch, each let go before the next is opened; says which of them delete rows."""
    profile = Profile(stream.table_rules)
    columns = sorted({column for each in stream.table_rules for column in each.rule.columns()})
    deleting: set[UUID] = set()
    for batch in batches:
        landed = waiting_rows.newest_of(hub.conn, batch)
        plain = unseal_values(hub.conn, hub.keys, {row.value: row.sealed for row in landed})
        found = [decode(text) for text in plain.values()]
        live = [row for row in found if not row.deleted]
        gone = len(found) - len(live)
        try:
            if live:
                stream.check_columns(frozenset().union(*(row.values.keys() for row in live)))
        except ContractBroken:
            continue
        if gone:
            deleting.add(batch)
        newest = max((row.observed_at for row in live if row.observed_at <= at), default=None)
        profile.add(
            _shown(hub, source, stream, columns, live, at),
            rows=len(live),
            deleted=gone,
            newest=newest.timestamp() if newest else None,
        )
    return profile, frozenset(deleting)


def _shown(
    hub: Hub, source: str, stream: StreamContract, columns: Sequence[str], live: Sequence[SourceRow], at: datetime
) -> Batch:
    frame = pl.DataFrame(
        {name: pl.Series(name, [as_text(row.values.get(name)) for row in live], dtype=pl.String) for name in columns}
    )

    def quarantined() -> int:
        values: list[Mapping[str, object]] = [row.values for row in live]
        failures = check_rows(stream, values, at.date())
        return len({each.row for each in failures if each.severity is Severity.ERROR})

    def unknown(to: str, keys: Sequence[str]) -> int:
        records = [record_id(source, to, key) for key in keys]
        lacking = waiting_rows.absent(hub.conn, source, to, sorted(set(records)))
        return sum(record in lacking for record in records)

    return Batch(frame, at, quarantined, unknown)


def holding(hub: Hub, source: str) -> list[str]:
    """Say everything of a source that is held, and every check of its latest looks that holds or is broken."""
    held = [str(each["reason"]) for each in waiting_rows.held(hub.conn, source)]
    found = [
        (each.stream, each.words())
        for each in rows.latest(hub.conn, source)
        if CheckOutcome(each.outcome) in HOLDING and not each.released
    ]
    # A check that holds nothing, for nothing waits, is still said: a source that has fallen silent.
    alone = [f"stream `{stream}`: {words}" for stream, words in found if not any(words in reason for reason in held)]
    return list(dict.fromkeys([*held, *alone]))
