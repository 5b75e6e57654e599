"""Measure a night in which one record in a hundred changed, as a share of linking all, and one person at a time.

Of the changed records a third have another family name, a third another birth date, the others moved, but for one in
twenty that is gone. `WYE_BENCH_RECORDS` makes a smaller crowd. One person at a time is what an urgent event waits for:
one record's change, linked, with its golden record written and committed. Between linking all and the first night the
database is vacuumed, as PostgreSQL itself does within minutes of a load. Seconds of processors, ours and PostgreSQL's,
are told beside those of the clock, for a machine may be shared.
"""

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from statistics import mean, median, quantiles
from typing import LiteralString
from uuid import UUID

from benchmarks.ground import Ground
from benchmarks.identity_vs_splink import load
from benchmarks.linking.alone import busy
from benchmarks.linking.crowd import AT
from benchmarks.measure import Measure
from wye.identity.identify import identify
from wye.road.hub import Hub
from wye.store.database import Connection

NAME = "identity_night"
RECORDS = 100_000
SHARE, NIGHTS, SINGLE, WARM = 0.01, 3, 50, 10

END: LiteralString = """UPDATE canonical.row SET superseded_at = %(at)s WHERE superseded_at IS NULL
AND record = ANY(%(records)s) AND entity IN ('person', 'address')"""
# What follows an ended version; `n` decides what is other in it.
NEXT: LiteralString = """INSERT INTO canonical.row (record, entity, part, recorded_at, subject, source, stream, controller,
 observed_at, body)
SELECT r.record, r.entity, r.part, %(at)s, r.subject, r.source, r.stream, r.controller, %(at)s, r.body || CASE
 WHEN r.entity = 'person' AND t.n %% 3 = 0 THEN jsonb_build_object('family_name', (r.body->>'family_name') || 'e')
 WHEN r.entity = 'person' AND t.n %% 3 = 1 THEN jsonb_build_object('birth_date', 1931 + t.n %% 80 || '-04-17')
 WHEN r.entity = 'address' AND t.n %% 3 = 2 THEN jsonb_build_object('lines', t.n || ' Teme Avenue')
 ELSE '{}' END
FROM unnest(%(records)s::uuid[]) WITH ORDINALITY AS t (record, n) JOIN canonical.row r USING (record)
WHERE r.superseded_at = %(at)s AND r.entity IN ('person', 'address') AND t.n %% 20 > 0"""
CHANGED: LiteralString = "INSERT INTO canonical.changed SELECT unnest(%(records)s::uuid[]), %(at)s"


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:  # noqa: ARG001  so many nights and people
    """Link a crowd, then nights of it, then one record after another."""
    records = int(os.environ.get("WYE_BENCH_RECORDS", RECORDS))
    rng = Random(3)  # noqa: S311  any records
    with ground.hub("night") as hub:
        load(hub, records)
        full, full_busy = _timed(hub, AT)
        hub.conn.execute("VACUUM (ANALYZE)")
        there = [row[0] for row in hub.conn.execute("SELECT record FROM identity.feature ORDER BY record").fetchall()]
        every: list[UUID] = [record for record in there if isinstance(record, UUID)]
        rng.shuffle(every)
        say(f"{NAME}: {records} records in {full:.1f} s ({full_busy:.1f} s of processors)")
        count, at = round(records * SHARE), AT
        nights = []
        for _ in range(NIGHTS):
            at += timedelta(days=1)
            chosen, every = every[:count], every[count:]
            _change(hub.conn, chosen, at)
            nights.append(_timed(hub, at))
        told = ", ".join(f"{clock:.2f} s ({busied:.2f} s)" for clock, busied in nights)
        say(f"{NAME}: nights of {count} changed records {told}")
        singles = []
        for record in every[: SINGLE + WARM]:
            at += timedelta(minutes=1)
            _change(hub.conn, [record], at)
            singles.append(_timed(hub, at))
    one = [1000 * clock for clock, _ in singles[WARM:]]
    one_busy, slow = 1000 * mean(busied for _, busied in singles[WARM:]), quantiles(one, n=20)[-1]
    say(f"{NAME}: one person in {median(one):.1f} ms ({one_busy:.1f} ms), one in twenty in {slow:.1f} ms or more")
    night, night_busy = median(clock for clock, _ in nights), median(busied for _, busied in nights)
    say(
        f"{NAME}: a night is {100 * night / full:.1f}% of all by the clock, {100 * night_busy / full_busy:.1f}% by processors"
    )
    beside = {
        "processor_s": night_busy,
        "peer_processor_s": full_busy,
        "one_person_ms": median(one),
        "one_person_p95_ms": slow,
        "one_person_processor_ms": one_busy,
        "records": float(records),
    }
    return Measure(NAME, night, "s", "linking all records anew", full, beside)


def _timed(hub: Hub, at: datetime) -> tuple[float, float]:
    """Link what changed; gives seconds of the clock, and of processors."""
    processes = ("self", str(hub.conn.info.backend_pid))
    before, begun = busy(*processes), time.perf_counter()
    if not identify(hub.conn, at).looked_at:
        raise RuntimeError("there was nothing to look at")
    return time.perf_counter() - begun, busy(*processes) - before


def _change(conn: Connection, records: Sequence[UUID], at: datetime) -> None:
    values = {"records": list(records), "at": at}
    with conn.transaction():
        for statement in (END, NEXT, CHANGED):
            conn.execute(statement, values)
