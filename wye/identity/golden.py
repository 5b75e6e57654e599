"""Write the golden attributes of persons: the best value of each, every source that was weighed, and why.

Where sources contest each other (contested.py) the value is JSON null, with its contributors: nothing is golden.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from wye.identity import golden_rows
from wye.identity.contested import REASON, contested
from wye.identity.corrections import settle
from wye.identity.golden_rows import Line
from wye.identity.known import attributes
from wye.identity.survivorship import explain
from wye.store.database import Connection

BATCH = 5_000
"""Persons at a time: bounds memory at any number of persons."""


def write(conn: Connection, persons: Sequence[UUID], at: datetime) -> None:
    """Weigh each attribute of these persons anew; a version ends, and one begins, only where something changed."""
    for start in range(0, len(persons), BATCH):
        _write(conn, list(persons[start : start + BATCH]), at)


def _write(conn: Connection, persons: list[UUID], at: datetime) -> None:
    settle(conn, persons, at)
    known = golden_rows.known(conn, persons)
    new = [person for person in persons if person not in known]
    with conn.transaction():
        alone = golden_rows.begin_alone(conn, new, at) if new else set()
        if begun := list(_lines(conn, [person for person in new if person not in alone])):
            golden_rows.begin(conn, begun, lambda _: at)
        if known:
            there = [person for person in persons if person in known]
            golden_rows.change(conn, there, list(_lines(conn, there)), at)


def _lines(conn: Connection, persons: list[UUID]) -> Iterator[Line]:
    for known in attributes(conn, persons):
        for attribute, weighed in known.attributes.items():
            explained = explain(weighed, "person", attribute)
            best = explained[0]
            sure = not contested(attribute, weighed)
            contributors = [
                {"source": one.candidate.source, "record": str(one.candidate.record), "reason": one.reason}
                for one in explained
            ]
            yield (
                known.person,
                attribute,
                golden_rows.written(best.candidate.value if sure else None),
                best.candidate.source,
                best.candidate.record,
                best.reason if sure else REASON,
                contributors,
            )
