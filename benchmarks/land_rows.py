"""Measure intake (steps 2 to 4: land sealed, check, map) against COPY of the same bytes into one plain table.

The rows are the care system's people of an example county, under the real contract and connector. What COPY does is
the floor: it checks nothing, seals nothing and remembers nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import orjson

from benchmarks.ground import Ground
from benchmarks.measure import Measure, Watch
from wye.county import make
from wye.ports import SourceRow, record_id
from wye.road.hub import Hub
from wye.road.ingest import Ingested, map_landed
from wye.road.land import land_batch

NAME = "land_rows"
SOURCE, STREAM, KEY, STAMP = "frameworki", "persons", "PERSON_ID", "LAST_UPDATED"
PEOPLE = 20_000


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:
    """Land and map the county's rows over and over, under other numbers each time, until `seconds` are full."""
    with ground.hub("land") as hub:
        make(hub.settings.home / "county", PEOPLE, 3)
        with (hub.settings.home / "county" / SOURCE / "DM_PERSONS.jsonl").open("rb") as lines:
            held = [orjson.loads(line) for line in islice(lines, hub.settings.batch_rows)]
        # The county writes the columns that it fills; the system gives the others empty.
        empty: dict[str, object] = dict.fromkeys(hub.contract(SOURCE).streams[STREAM].columns)
        held = [empty | values for values in held]
        hub.conn.execute("CREATE TABLE public.plain (body text)")
        ours, theirs = Watch(), Watch()
        number = 0
        while ours.seconds < seconds or theirs.seconds < seconds:
            rows = [_numbered(values, number, place) for place, values in enumerate(held)]
            number += 1
            _land(hub, rows, ours)
            while theirs.seconds < ours.seconds:
                _copy(hub, rows, theirs)
            if number == 1:
                ours, theirs = Watch(), Watch()  # the first round only warms up
            elif number % 5 == 0:
                say(f"{NAME}: {ours.seconds:.0f} s, {ours.speed:.0f}/s; COPY {theirs.speed:.0f}/s")
        return Measure(NAME, ours.speed, "rows/s", "COPY of the same bytes into one plain table", theirs.speed)


def _numbered(values: dict[str, object], number: int, place: int) -> SourceRow:
    key = str(1_000_000 * number + place)
    return SourceRow(key, values | {KEY: key}, datetime(2026, 5, 1, tzinfo=UTC))


def _land(hub: Hub, rows: list[SourceRow], watch: Watch) -> None:
    with watch.running():
        incoming: dict[UUID, SourceRow] = {record_id(SOURCE, STREAM, row.key): row for row in rows}
        land_batch(hub, SOURCE, STREAM, incoming, cursor=rows[-1].key)
        done = Ingested(SOURCE)
        map_landed(hub, SOURCE, done)
    if done.held:
        raise RuntimeError(f"the batch was held: {done.held}")
    watch.items += len(rows)


def _copy(hub: Hub, rows: list[SourceRow], watch: Watch) -> None:
    bodies = [orjson.dumps(dict(row.values)).decode().replace("\\u0000", "") for row in rows]
    with (
        watch.running(),
        hub.conn.transaction(),
        hub.conn.cursor() as cursor,
        cursor.copy("COPY public.plain (body) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["text"])
        for body in bodies:
            copy.write_row((body,))
    watch.items += len(rows)
