"""Measure what the audit trail costs: 8 writers of outbox rows with their entries and a live sequencer, against outbox rows alone.

Each writer is a process of its own and commits batches of messages: bodies sealed, wraps, outbox rows. Ours append an
audit entry for each message in the same transaction while one sequencer indexes what waits; the clock runs until
nothing waits. The peer's rows all point at one entry made beforehand. Both take turns, a few seconds at a time.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.synchronize import Barrier
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from benchmarks.ground import Ground
from benchmarks.measure import Measure, Watch
from wye.audit.append import append
from wye.audit.event import Event
from wye.audit.rows import count_waiting
from wye.audit.sequencer import sequence
from wye.audit.verify import verify
from wye.exchange.rows import OutboxRow, copy_outbox
from wye.keys.file import FileKeys
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal_many
from wye.road.account import clock
from wye.store.database import connect
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

NAME = "audit_vs_outbox"
WRITERS = 8
BATCH = 100
"""Messages in one transaction."""
BODY = 2000
"""Bytes of one shaped message."""
TURN = 10.0
"""Seconds of one turn."""

if TYPE_CHECKING:
    _Told = multiprocessing.Queue[tuple[int, float]]
    """Where each process tells what it wrote and when it ended."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What a writer is told."""

    url: str
    keys: Path
    entry: UUID | None
    """The entry that all rows point at; none means an entry for each."""


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:
    """Write by turns until each side had `seconds`, and verify in the end what ours wrote."""
    with ground.hub("outbox") as hub:
        (first,) = append(hub.conn, hub.keys, [_event()], clock())
        url, folder = str(hub.settings.database_url), hub.settings.keys
        ours, theirs = Watch(), Watch()
        while min(ours.seconds, theirs.seconds) < seconds:
            _turn(_Work(url, folder, first.id), theirs)
            _turn(_Work(url, folder, None), ours)
            say(f"{NAME}: {ours.speed:.0f}/s with entries, {theirs.speed:.0f}/s without")
        found = verify(hub.conn, hub.keys)
        if not found.ok or found.waiting or found.entries != ours.items + 1:
            raise RuntimeError(f"the log does not verify: {found}")
        return Measure(NAME, ours.speed, "messages/s", f"outbox alone, {WRITERS} writers", theirs.speed)


def _turn(work: _Work, watch: Watch) -> None:
    """Let all writers write for a turn; what they wrote and how long it took goes to the watch."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(WRITERS + (2 if work.entry is None else 1))
    written: _Told = spawn.Queue()
    done = spawn.Event()
    writers = [spawn.Process(target=_write, args=(work, ready, written)) for _ in range(WRITERS)]
    sequencer = spawn.Process(target=_sequence, args=(work, ready, done, written)) if work.entry is None else None
    for each in [*writers, *([sequencer] if sequencer else [])]:
        each.start()
    ready.wait()
    begun = time.perf_counter()
    told = [written.get() for _ in writers]
    done.set()
    if sequencer is not None:
        told.append(written.get())
    watch.items += sum(count for count, _ in told)
    watch.seconds += max(ended for _, ended in told) - begun  # one clock for all processes (CLOCK_MONOTONIC)
    for each in [*writers, *([sequencer] if sequencer else [])]:
        each.join()
    if any(each.exitcode for each in [*writers, *([sequencer] if sequencer else [])]):
        raise RuntimeError("a writer or the sequencer failed")


def _write(work: _Work, ready: Barrier, written: "_Told") -> None:
    keys = FileKeys.open(work.keys, create=False)
    count = 0
    with connect(work.url) as conn:
        ready.wait()
        end = time.perf_counter() + TURN
        while time.perf_counter() < end:
            at = clock()
            messages = [(uuid7(), uuid7(), os.urandom(BODY)) for _ in range(BATCH)]
            with conn.transaction():
                if work.entry is None:
                    events = [_event(person, number) for number, person, _ in messages]
                    entries = [each.id for each in append(conn, keys, events, at)]
                else:
                    entries = [work.entry] * BATCH
                sealed = seal_many(keys, messages)
                insert_wraps(conn, sealed)
                copy_outbox(
                    conn,
                    [
                        OutboxRow(
                            number, "adult-care-acute", "1.0", "arrowshire-hospitals", person, str(person), "put",
                            box.ciphertext, sha256(body).digest(), bytes(32), entry, at,
                        )
                        for (number, person, body), box, entry in zip(messages, sealed, entries, strict=True)
                    ],
                )  # fmt: skip
            count += BATCH
    written.put((count, time.perf_counter()))


def _sequence(work: _Work, ready: Barrier, done: Flag, written: "_Told") -> None:
    keys = FileKeys.open(work.keys, create=False)
    with connect(work.url) as conn:
        ready.wait()
        while True:
            last = done.is_set()
            if sequence(conn, keys, "arrowshire-council/audit", clock()) is None:
                if last and not count_waiting(conn):
                    written.put((0, time.perf_counter()))
                    return
                time.sleep(0.02)


def _event(person: UUID | None = None, message: UUID | None = None) -> Event:
    return Event(
        kind=EventKind.DISCLOSURE,
        at=clock(),
        actor="wye",
        person=person,
        agreement="adult-care-acute",
        version="1.0",
        recipient="arrowshire-hospitals",
        message=message,
        outcome="put",
        purpose="direct-care",
        reasons=("items",),
        fields=("address.lines", "person.birth_date", "person.family_name", "person.nhs_number"),
    )
