"""Measure finding all entries about one person in a log of a million, against an indexed SELECT on plain rows.

A search makes the token, finds, unwraps, opens and reads the entries, and commits the entry that says who looked; the
peer is one SELECT by an indexed column over as many rows that are neither sealed nor logged. `WYE_BENCH_ENTRIES` makes
a smaller log. Beside the speed it tells the slowest search, and how many bytes an entry takes, indexes included.
"""

import os
import random
from collections.abc import Callable
from typing import cast
from uuid import UUID

from benchmarks.ground import Ground
from benchmarks.measure import Measure, Watch
from wye.audit.append import append
from wye.audit.event import Event
from wye.audit.search import search
from wye.road.hub import Hub
from wye.road.sequence import sequence
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

NAME = "audit_search"
ENTRIES = 1_000_000
EACH = 20
"""Entries about one person."""
ROUND = 50
"""Searches before the peer has its turn."""
TABLES = ("audit.entry", "audit.token", "audit.index", "audit.node", "audit.checkpoint", "keys.wrap")


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:
    """Search for people at random until `seconds` are full; every search must find exactly what is there."""
    entries = int(os.environ.get("WYE_BENCH_ENTRIES", ENTRIES))
    with ground.hub("search") as hub:
        people = _fill(hub, entries, say)
        say(f"{NAME}: {_bytes(hub) / entries:.0f} bytes an entry, indexes and wraps included")
        ours, theirs, slowest = Watch(), Watch(), 0.0
        looked: dict[UUID, int] = {}
        while ours.seconds < seconds:
            for person in random.sample(people, ROUND):
                before = ours.seconds
                with ours.running():
                    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="bench", at=hub.at())
                slowest = max(slowest, ours.seconds - before)
                ours.items += 1
                if len(found) != EACH + looked.get(person, 0):
                    raise RuntimeError(f"a search found {len(found)} entries")
                looked[person] = looked.get(person, 0) + 1
            for person in random.sample(people, ROUND):
                with theirs.running():
                    rows = hub.conn.execute("SELECT id, body FROM plain WHERE person = %s", (person,)).fetchall()
                theirs.items += 1
                if len(rows) != EACH:
                    raise RuntimeError(f"the peer found {len(rows)} rows")
        say(f"{NAME}: {1000 / ours.speed:.1f} ms a search of {entries} entries, the slowest {1000 * slowest:.0f} ms")
        return Measure(NAME, ours.speed, "searches/s", "indexed SELECT on plain rows", theirs.speed)


def _fill(hub: Hub, entries: int, say: Callable[[str], None]) -> list[UUID]:
    """Append entries about people in turn, sequence them, and put as many plain rows beside them."""
    people = [uuid7() for _ in range(max(entries // EACH, ROUND))]
    batch = hub.settings.batch_rows
    hub.conn.execute("CREATE TABLE plain (id uuid PRIMARY KEY, person uuid NOT NULL, body bytea NOT NULL)")
    total = len(people) * EACH
    for first in range(0, total, batch):
        about = [people[number % len(people)] for number in range(first, min(first + batch, total))]
        append(hub.conn, hub.keys, [_event(hub, person) for person in about], hub.at())
        with hub.conn.cursor() as cursor, cursor.copy("COPY plain (id, person, body) FROM STDIN") as copy:
            for person in about:
                copy.write_row((uuid7(), person, os.urandom(500)))
        if first // batch % 20 == 0:
            say(f"{NAME}: {first} of {total} entries")
    sequence(hub)
    hub.conn.execute("CREATE INDEX ON plain (person)")
    hub.conn.execute("ANALYZE")
    return people


def _bytes(hub: Hub) -> int:
    row = hub.conn.execute(
        "SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest(%s::text[]) AS t", (list(TABLES),)
    ).fetchone()
    return int(cast("int", row[0])) if row else 0


def _event(hub: Hub, person: UUID) -> Event:
    return Event(
        kind=EventKind.DISCLOSURE,
        at=hub.at(),
        actor="wye",
        person=person,
        agreement="adult-care-acute",
        version="1.0",
        recipient="arrowshire-hospitals",
        message=uuid7(),
        outcome="put",
        purpose="direct-care",
        reasons=("items",),
        fields=("address.lines", "person.birth_date", "person.family_name", "person.nhs_number"),
    )
