"""Measure `wye audit verify` against one SHA-256 over each entry's bytes, read beforehand.

Verifying recomputes leaves, tree, ciphertext hashes and token commitments from the database and compares all that is
stored and signed; the peer is the least that any check of the same bytes can cost.
"""

import hashlib
from collections.abc import Callable
from typing import cast

from benchmarks.ground import Ground
from benchmarks.measure import Measure, Watch
from wye.audit.append import append
from wye.audit.event import Event
from wye.audit.verify import verify
from wye.road.hub import Hub
from wye.road.sequence import sequence
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

NAME = "audit_verify"
ENTRIES = 50_000


def measure(ground: Ground, seconds: float, say: Callable[[str], None]) -> Measure:
    """Verify a log of disclosures again and again until `seconds` are full."""
    with ground.hub("audit") as hub:
        say(f"{NAME}: appending {ENTRIES} entries")
        for _ in range(ENTRIES // hub.settings.batch_rows):
            append(hub.conn, hub.keys, [_event(hub) for _ in range(hub.settings.batch_rows)], hub.at())
        sequence(hub)
        hub.conn.execute("ANALYZE")
        ours, theirs = Watch(), Watch()
        while ours.seconds < seconds:
            with ours.running():
                found = verify(hub.conn, hub.keys)
            if not found.ok or found.entries != ENTRIES:
                raise RuntimeError(f"the log does not verify: {found.explanation}")
            ours.items += found.entries
            say(f"{NAME}: {ours.seconds:.0f} s, {ours.speed:.0f}/s")
        held = cast("list[tuple[bytes]]", hub.conn.execute("SELECT header || ciphertext FROM audit.entry").fetchall())
        while theirs.seconds < min(seconds, 5.0):
            with theirs.running():
                for (content,) in held:
                    hashlib.sha256(content).digest()
            theirs.items += len(held)
        return Measure(NAME, ours.speed, "entries/s", "bare SHA-256 of the same bytes in memory", theirs.speed)


def _event(hub: Hub) -> Event:
    return Event(
        kind=EventKind.DISCLOSURE,
        at=hub.at(),
        actor=hub.actor,
        person=uuid7(),
        agreement="adult-care-acute",
        version="1.0",
        recipient="arrowshire-hospitals",
        message=uuid7(),
        outcome="put",
        purpose="direct-care",
        reasons=("items",),
        fields=("address.lines", "person.birth_date", "person.family_name", "person.nhs_number"),
    )
