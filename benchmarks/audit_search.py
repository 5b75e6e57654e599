"""Measure finding all entries about one person in a log of a million over two years, against a SELECT on plain rows.

A search makes the token, finds, unwraps, opens and reads the entries, and commits the entry that says who looked; the
peer is one SELECT by an indexed column over as many rows that are neither sealed nor logged. `WYE_BENCH_ENTRIES` makes
a smaller log. Beside the speed stand the slowest search, what a search by person and agreement takes where every entry
has that agreement, how fast the search index is rebuilt from the entries, and how many bytes an entry takes on disk.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import cast
from uuid import UUID

from benchmarks.ground import Ground
from benchmarks.measure import Measure, Watch
from wye.audit.entry import Tokens, build
from wye.audit.event import Event
from wye.audit.rows import insert_entries
from wye.audit.search import FoundEntry, search
from wye.audit.search_index import check_index
from wye.keys.rows import insert_wraps
from wye.road.hub import Hub
from wye.road.sequence import sequence
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

NAME = "audit_search"
ENTRIES = 1_000_000
EACH = 20
"""Entries about one person, spread over all months."""
MONTHS = 24
ROUND = 50
"""Searches before the peer has its turn."""
TABLES = ("audit.entry", "audit.token", "audit.index", "audit.node", "audit.checkpoint", "keys.wrap")
AGREEMENT = "adult-care-acute"


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:
    """Search for people at random until `seconds` are full; every search must find exactly what is there."""
    entries = int(os.environ.get("WYE_BENCH_ENTRIES", ENTRIES))
    with ground.hub("search") as hub:
        people = _fill(hub, entries, say)
        total = len(people) * EACH
        sizes = {table: _bytes(hub, table) / total for table in TABLES}
        beside = {"bytes an entry": sum(sizes.values())} | {
            f"bytes an entry in {table}": size for table, size in sizes.items()
        }
        say(f"{NAME}: {beside}")
        ours, theirs, both = Watch(), Watch(), Watch()
        slowest = {"person": 0.0, "both": 0.0}
        looked: Counter[tuple[UUID, str | None]] = Counter()
        while ours.seconds < seconds:
            for watch, name, agreement in ((ours, "person", None), (both, "both", AGREEMENT)):
                sample = random.sample(people, ROUND)
                with watch.running():
                    for person in sample:
                        begun = time.perf_counter()
                        found = search(
                            hub.conn, hub.keys, person=person, agreement=agreement,
                            searcher="auditor", purpose="bench", at=hub.at(),
                        )  # fmt: skip
                        slowest[name] = max(slowest[name], time.perf_counter() - begun)
                        _expect(found, looked, person, agreement)
                watch.items += ROUND
            sample = random.sample(people, ROUND)
            with theirs.running():
                for person in sample:
                    rows = hub.conn.execute("SELECT id, body FROM plain WHERE person = %s", (person,)).fetchall()
                    if len(rows) != EACH:
                        raise RuntimeError(f"the peer found {len(rows)} rows")
            theirs.items += ROUND
        begun = time.perf_counter()
        checked = check_index(hub.conn, hub.keys, actor="bench", at=hub.at(), whole=True, told=False)
        if checked.findings or checked.rebuilt != total:
            raise RuntimeError(f"the search index is wrong: {checked}")
        beside |= {
            "ms a search": 1000 / ours.speed,
            "ms, the slowest": 1000 * slowest["person"],
            "ms a search by person and agreement": 1000 / both.speed,
            "ms by person and agreement, the slowest": 1000 * slowest["both"],
            "entries/s rebuilt": total / (time.perf_counter() - begun),
            "entries": total,
        }
        say(f"{NAME}: {beside}")
        return Measure(NAME, ours.speed, "searches/s", "indexed SELECT on plain rows", theirs.speed, beside)


def _expect(
    found: Sequence[FoundEntry], looked: Counter[tuple[UUID, str | None]], person: UUID, agreement: str | None
) -> None:
    """Refuse anything but what is there: a person's entries, and those of the searches that were made for it before."""
    before = looked[person, AGREEMENT] + (looked[person, None] if agreement is None else 0)
    if len(found) != EACH + before:
        raise RuntimeError(f"a search found {len(found)} entries")
    looked[person, agreement] += 1


def _fill(hub: Hub, entries: int, say: Callable[[str], None]) -> list[UUID]:
    """Write entries about people in turn, month after month, sequence them, and put as many plain rows beside them."""
    people = [uuid7() for _ in range(max(entries // EACH, ROUND))]
    total = len(people) * EACH
    months = _months(hub.at())
    hub.conn.execute("SELECT audit.make_months(%s::date)", (months[0],))
    hub.conn.execute("CREATE TABLE plain (id uuid PRIMARY KEY, person uuid NOT NULL, body bytea NOT NULL)")
    todo = enumerate(people * EACH)
    for number, batch in enumerate(iter(lambda: list(islice(todo, hub.settings.batch_rows)), [])):
        tokens = Tokens(hub.keys)
        made = []
        for place, person in batch:
            at = months[place * MONTHS // total]
            made.append(build(hub.keys, tokens, _id_of(at), _event(at, person), months[-1]))
        with hub.conn.transaction():
            insert_entries(hub.conn, made, months[-1])
            insert_wraps(hub.conn, (each.sealed for each in made))
        with hub.conn.cursor() as cursor, cursor.copy("COPY plain (id, person, body) FROM STDIN") as copy:
            for _, person in batch:
                copy.write_row((uuid7(), person, os.urandom(500)))
        if number % 20 == 0:
            say(f"{NAME}: {batch[0][0]} of {total} entries")
    sequence(hub)
    hub.conn.execute("CREATE INDEX ON plain (person)")
    hub.conn.execute("ANALYZE")
    return people


def _months(now: datetime) -> list[datetime]:
    """Give the first instant of each of the last MONTHS months, this one last."""
    last = now.year * 12 + now.month - 1
    return [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(last - MONTHS + 1, last + 1)]


def _id_of(at: datetime) -> UUID:
    """Make a UUIDv7 as if it were an instant within the hour from `at`."""
    milliseconds = int(at.timestamp() * 1000) + uuid7().int % 3_600_000
    return UUID(int=milliseconds << 80 | uuid7().int & ((1 << 80) - 1))


def _bytes(hub: Hub, table: str) -> int:
    """Give the bytes of a table with its indexes, parts included."""
    row = hub.conn.execute(
        "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(%s::regclass)", (table,)
    ).fetchone()
    if row and row[0]:
        return int(cast("int", row[0]))
    row = hub.conn.execute("SELECT pg_total_relation_size(%s::regclass)", (table,)).fetchone()
    return int(cast("int", row[0])) if row else 0


def _event(at: datetime, person: UUID) -> Event:
    return Event(
        kind=EventKind.DISCLOSURE,
        at=at,
        actor="wye",
        person=person,
        agreement=AGREEMENT,
        version="1.0",
        recipient="arrowshire-hospitals",
        message=uuid7(),
        outcome="put",
        purpose="direct-care",
        reasons=("items",),
        fields=("address.lines", "person.birth_date", "person.family_name", "person.nhs_number"),
    )
