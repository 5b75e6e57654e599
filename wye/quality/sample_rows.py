"""Keep the SQL of accuracy samples: ids, names and verdicts, never a value."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, cast
from uuid import UUID

from wye.store.database import Connection


class Sample(NamedTuple):
    """Hold one released value to be compared with what is true."""

    id: UUID
    day: date
    agreement: str
    person: UUID
    entity: str
    field: str
    source: str
    record: UUID
    owner: str
    drawn_at: datetime
    verdict: str | None


class Judged(NamedTuple):
    """Hold how many values of an owner under an agreement were checked, and how many were right."""

    owner: str
    agreement: str
    checked: int
    right: int
    waiting: int


COLUMNS = "id, day, agreement, person, entity, field, source, record, owner, drawn_at, verdict"


def begin(conn: Connection, agreement: str, day: date, people: int, drawn: int) -> bool:
    """Note a day's draw; false if it was drawn already."""
    done = conn.execute(
        "INSERT INTO scorecard.draw VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", (agreement, day, people, drawn)
    )
    return done.rowcount == 1


def insert(conn: Connection, samples: Sequence[Sample]) -> None:
    """Keep what was drawn."""
    with conn.cursor() as cursor, cursor.copy(f"COPY scorecard.sample ({COLUMNS}) FROM STDIN") as copy:
        for sample in samples:
            copy.write_row(sample)


def waiting(conn: Connection, owner: str | None, limit: int) -> list[Sample]:
    """List what is still to be checked, oldest first; of one owner, if named."""
    found = conn.execute(
        f"SELECT {COLUMNS} FROM scorecard.sample WHERE verdict IS NULL AND (%s::text IS NULL OR owner = %s)"  # noqa: S608  names of ours
        " ORDER BY day, owner, id LIMIT %s",
        (owner, owner, limit),
    )
    return [_sample(row) for row in found]


def one(conn: Connection, sample: UUID) -> Sample | None:
    """Read one sample, and keep others from judging it until the transaction ends."""
    found = conn.execute(f"SELECT {COLUMNS} FROM scorecard.sample WHERE id = %s FOR UPDATE", (sample,)).fetchone()  # noqa: S608  names of ours
    return None if found is None else _sample(found)


def judge(conn: Connection, sample: UUID, verdict: str, reason: str, actor: str, at: datetime) -> None:
    """Keep a verdict."""
    conn.execute(
        "UPDATE scorecard.sample SET verdict = %s, reason = %s, actor = %s, checked_at = %s WHERE id = %s",
        (verdict, reason, actor, at, sample),
    )


def judged(conn: Connection, since: date) -> list[Judged]:
    """Count verdicts by owner and agreement, of draws since a day."""
    found = conn.execute(
        "SELECT owner, agreement, count(verdict), count(*) FILTER (WHERE verdict = 'right'),"
        " count(*) FILTER (WHERE verdict IS NULL) FROM scorecard.sample WHERE day >= %s"
        " GROUP BY owner, agreement ORDER BY owner, agreement",
        (since,),
    )
    return [Judged(*cast("tuple[str, str, int, int, int]", row)) for row in found]


# What the record said when the sample was drawn.
VALUES = """SELECT r.body -> %(field)s FROM canonical.row r
WHERE r.record = %(record)s AND r.entity = %(entity)s AND r.recorded_at <= %(at)s
 AND (r.superseded_at IS NULL OR r.superseded_at > %(at)s) AND r.body -> %(field)s IS NOT NULL ORDER BY r.part"""


def values_of(conn: Connection, sample: Sample) -> list[object]:
    """Read the value that was drawn, and others of the same field in the same row if there are several."""
    asked = {"record": sample.record, "entity": sample.entity, "field": sample.field, "at": sample.drawn_at}
    return [value for (value,) in conn.execute(VALUES, asked)]


def _sample(row: tuple[object, ...]) -> Sample:
    return Sample(*cast("tuple[UUID, date, str, UUID, str, str, str, UUID, str, datetime, str | None]", row))
