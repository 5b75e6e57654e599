"""Keep the SQL of destroying what is known of a person: whom it reaches, what stands against it, and who asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString, cast
from uuid import UUID, uuid5

from wye.agreements.periods import LASTING
from wye.road.payment_run import item_of
from wye.store.database import Connection
from wye.store.ids import uuid7


@dataclass(frozen=True, slots=True)
class Reach:
    """Name everything that a shred of a person reaches (identity.reach)."""

    persons: list[UUID]
    """This person, and those whose records are all this person's now."""
    own: list[UUID]
    """Records of entity person."""
    records: list[UUID]
    """Those, and all that is about them alone."""
    mixed: list[UUID]
    """What is about them and somebody else who stays: its landed rows are kept."""


@dataclass(frozen=True, slots=True)
class Shred:
    """Hold one shred as it stands. `reason` is empty once it is done."""

    id: UUID
    person: UUID
    state: str
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    entry: UUID | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold one legal hold as it stands."""

    id: UUID
    person: UUID
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Destroyed:
    """Count what a shred destroyed, and what another living holder can still read."""

    wraps: int
    entries: int
    rows: int
    still_readable: int


@dataclass(frozen=True, slots=True)
class KnownIn:
    """Tell from when to when something of the person stood in one stream, as far as the hub knows."""

    source: str
    stream: str
    first: datetime
    last: datetime


# What somebody still has to do about the person: (what, how many). Each is done by a command or a verb of the road. Under
# an agreement that is not in force nothing is decided any more: what stands there waits for nobody.
OPEN: LiteralString = """
SELECT 'rows in quarantine', count(*) FROM intake.quarantine WHERE cleared_at IS NULL AND record = ANY(%(records)s)
UNION ALL SELECT 'protections that wait', count(*) FROM canonical.pending_protection
 WHERE cleared_at IS NULL AND (record = ANY(%(records)s) OR subject = ANY(%(own)s))
UNION ALL SELECT 'doubtful matches', count(*) FROM identity.doubt
 WHERE queued AND decided_at IS NULL AND (record_a = ANY(%(own)s) OR record_b = ANY(%(own)s))
UNION ALL SELECT 'second looks', count(*) FROM identity.second_look
 WHERE state IN ('waiting', 'disputed') AND (record_a = ANY(%(own)s) OR record_b = ANY(%(own)s))
UNION ALL SELECT 'corrections', count(*) FROM identity.correction
 WHERE ended_at IS NULL AND (person = ANY(%(persons)s) OR record = ANY(%(records)s))
UNION ALL SELECT 'proposals to other systems', count(*) FROM exchange.proposal
 WHERE state IN ('withheld', 'sent') AND (person = ANY(%(persons)s) OR record = ANY(%(records)s))
UNION ALL SELECT 'drafts of what recipients are told', count(*) FROM identity.correction_draft
 WHERE state = 'draft' AND persons && %(persons)s
UNION ALL SELECT 'samples to be checked', count(*) FROM scorecard.sample
 WHERE verdict IS NULL AND (person = ANY(%(persons)s) OR record = ANY(%(records)s))
UNION ALL SELECT 'items not yet written to a system', count(*) FROM exchange.handed_on
 WHERE written_at IS NULL AND item = ANY(%(items)s)
UNION ALL SELECT 'agreements under which a protection is waited for', count(*) FROM sharing.wait
 WHERE person = ANY(%(persons)s) AND agreement = ANY(%(in_force)s)
UNION ALL SELECT 'changes that identify has not seen', (SELECT count(*) FROM canonical.changed WHERE subject = ANY(%(own)s))
 + (SELECT count(*) FROM identity.unsettled WHERE record = ANY(%(own)s))
UNION ALL SELECT 'one-off disclosures to be reviewed', count(DISTINCT d.id) FROM sharing.one_off_decision AS d
 JOIN keys.wrap AS w ON w.value = d.id WHERE w.holder = ANY(%(persons)s)
 AND NOT EXISTS (SELECT FROM sharing.one_off_review AS v WHERE v.decision = d.id)
UNION ALL SELECT 'looks in an emergency to be reviewed', count(*) FROM sharing.break_glass AS b
 WHERE b.person = ANY(%(persons)s)
 AND NOT EXISTS (SELECT FROM sharing.break_glass_review AS v WHERE v.break_glass = b.id)
UNION ALL SELECT 'reports to the person, drafted and not released', keys.reports_open(%(persons)s)
UNION ALL SELECT 'decisions that are due', count(*) FROM sharing.due
 WHERE person = ANY(%(persons)s) AND agreement = ANY(%(in_force)s) AND not_before <= %(at)s
"""

# A partner's message is landed once and never deleted there: its retention is its agreement's.
HELD_BY_SOURCES: LiteralString = """SELECT DISTINCT p.source FROM intake.present p WHERE p.record = ANY(%(records)s)
AND NOT EXISTS (SELECT FROM canonical.row r WHERE r.record = p.record AND r.agreement IS NOT NULL) ORDER BY 1"""

RECALLS: LiteralString = """
SELECT 'has not answered a recall', recipient FROM exchange.open_recall WHERE person = ANY(%(persons)s)
UNION SELECT 'is not known to have given up what it holds', partner FROM exchange.recipient_state WHERE person = ANY(%(persons)s)
UNION SELECT 'has not answered a message', partner FROM exchange.outbox
 WHERE person = ANY(%(persons)s) AND kind <> 'recall' AND state IN ('waiting', 'numbered', 'published') ORDER BY 2, 1"""

LAST_UNDER: LiteralString = """SELECT agreement, max(at) FROM (
 SELECT agreement, greatest(created_at, published_at, settled_at) AS at FROM exchange.outbox WHERE person = ANY(%(persons)s)
 UNION ALL SELECT agreement, greatest(recorded_at, superseded_at) FROM canonical.row
  WHERE agreement IS NOT NULL AND record = ANY(%(records)s)
 UNION ALL SELECT agreement, greatest(decided_at, sent_at, closed_at) FROM exchange.proposal
  WHERE agreement IS NOT NULL AND (person = ANY(%(persons)s) OR record = ANY(%(records)s))) u GROUP BY 1 ORDER BY 1"""

# What was decided about them once is known of them as what was learnt is.
LAST: LiteralString = """SELECT greatest(
 (SELECT max(greatest(recorded_at, superseded_at, observed_at)) FROM canonical.row WHERE record = ANY(%(records)s)),
 (SELECT max(d.decided_at) FROM sharing.one_off_decision AS d JOIN keys.wrap AS w ON w.value = d.id
  WHERE w.holder = ANY(%(persons)s)))"""

ENDS: LiteralString = """SELECT max(body ->> %(field)s) FROM canonical.row
WHERE entity = %(entity)s AND record = ANY(%(records)s) AND body ->> %(field)s ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}'"""

KNOWN_IN: LiteralString = """SELECT source, stream, min(least(recorded_at, observed_at)),
 max(greatest(recorded_at, superseded_at, observed_at))
FROM canonical.row WHERE record = ANY(%(records)s) GROUP BY 1, 2 ORDER BY 1, 2"""

# The latest that any source says: who may have been a child is taken to have been one.
BORN: LiteralString = """SELECT max(body ->> 'birth_date') FROM canonical.row
WHERE entity = 'person' AND record = ANY(%(own)s) AND body ->> 'birth_date' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'"""

PACKAGES: LiteralString = """SELECT DISTINCT body ->> 'reference' FROM canonical.row
WHERE entity = 'care_package' AND record = ANY(%(records)s) AND body ->> 'reference' IS NOT NULL"""

PROPOSALS: LiteralString = (
    """SELECT id FROM exchange.proposal WHERE person = ANY(%(persons)s) OR record = ANY(%(records)s)"""
)

SPAN: LiteralString = "SELECT min(at)::date, max(at)::date FROM exchange.handed_on"


def reach(conn: Connection, person: UUID) -> Reach:
    """Find whom and what a shred of a person reaches."""
    found = conn.execute("SELECT persons, own, records, mixed FROM identity.reach(%s)", (person,)).fetchone()
    return Reach(*cast("tuple[list[UUID], list[UUID], list[UUID], list[UUID]]", found))


def items(conn: Connection, reached: Reach) -> list[UUID]:
    """Name what may have been handed on about them: notices, proposals with their withdrawals, payments of each month."""
    known = _words(reached)
    proposals = [cast("UUID", one) for (one,) in conn.execute(PROPOSALS, known)]
    packages = [str(one) for (one,) in conn.execute(PACKAGES, known)]
    first, last = cast("tuple[date | None, date | None]", conn.execute(SPAN).fetchone())
    months = range(first.year * 12 + first.month - 2, last.year * 12 + last.month + 1) if first and last else ()
    payments = [item_of(one, date(month // 12, month % 12 + 1, 1)) for one in packages for month in months]
    return [*reached.records, *proposals, *(uuid5(one, "withdrawn") for one in proposals), *payments]


def open_matters(
    conn: Connection, reached: Reach, handed: Sequence[UUID], in_force: Sequence[str], at: datetime
) -> list[tuple[str, int]]:
    """List (what, how many) of what is still to be done about the person, under agreements in force where under any."""
    words = {**_words(reached), "items": list(handed), "in_force": list(in_force), "at": at}
    found = conn.execute(OPEN, words).fetchall()
    return [(what, count) for what, count in cast("list[tuple[str, int]]", found) if count]


def sources_that_hold(conn: Connection, reached: Reach) -> list[str]:
    """List the systems of ours that still hold a record of the person: it would be read again."""
    return [str(source) for (source,) in conn.execute(HELD_BY_SOURCES, _words(reached))]


def recalls_open(conn: Connection, reached: Reach) -> list[tuple[str, str]]:
    """List (what, recipient) of those who hold something, or have not answered."""
    return cast("list[tuple[str, str]]", conn.execute(RECALLS, _words(reached)).fetchall())


def last_under(conn: Connection, reached: Reach) -> Mapping[str, datetime]:
    """Give by agreement when something about the person was last sent, received or proposed under it."""
    return dict(cast("list[tuple[str, datetime]]", conn.execute(LAST_UNDER, _words(reached)).fetchall()))


def last_known(conn: Connection, reached: Reach) -> date | None:
    """Give the last day of which anything is known of the person: of what was learnt, and of what was to last."""
    found = cast("tuple[datetime | None]", conn.execute(LAST, _words(reached)).fetchone())[0]
    days = [found.date()] if found else []
    for entity, lasting in LASTING.items():
        row = conn.execute(ENDS, {**_words(reached), "entity": entity, "field": lasting.ends}).fetchone()
        if row and row[0]:
            days.append(date.fromisoformat(str(row[0])[:10]))
    return max(days, default=None)


def known_in(conn: Connection, reached: Reach) -> list[KnownIn]:
    """List the streams in which something of the person stood."""
    found = conn.execute(KNOWN_IN, _words(reached)).fetchall()
    return [KnownIn(*row) for row in cast("list[tuple[str, str, datetime, datetime]]", found)]


def born(conn: Connection, reached: Reach) -> date | None:
    """Give the latest day of birth that any source has ever said."""
    row = conn.execute(BORN, _words(reached)).fetchone()
    return date.fromisoformat(str(row[0])) if row and row[0] else None


def insert_shred(conn: Connection, person: UUID, reason: str, actor: str, at: datetime) -> UUID:
    """Note that a shred is asked for."""
    number = uuid7()
    conn.execute(
        "INSERT INTO keys.shred (id, person, state, reason, asked_by, asked_at) VALUES (%s, %s, 'asked', %s, %s, %s)",
        (number, person, reason, actor, at),
    )
    return number


def shreds(conn: Connection, *, person: UUID | None = None, request: UUID | None = None) -> list[Shred]:
    """Read shreds, newest first: all, of one person, or one."""
    found = conn.execute(
        "SELECT id, person, state, reason, asked_by, asked_at, decided_by, decided_at, entry FROM keys.shred"
        " WHERE (%(person)s::uuid IS NULL OR person = %(person)s) AND (%(id)s::uuid IS NULL OR id = %(id)s)"
        " ORDER BY id DESC",
        {"person": person, "id": request},
    ).fetchall()
    return [Shred(*row) for row in cast("list[tuple[UUID, UUID, str, str, str, datetime, str, datetime, UUID]]", found)]


def withdraw(conn: Connection, request: UUID, actor: str, at: datetime) -> bool:
    """Note that a shred is no longer asked for; false if it is not asked for."""
    done = conn.execute(
        "UPDATE keys.shred SET state = 'withdrawn', decided_by = %s, decided_at = %s WHERE id = %s AND state = 'asked'",
        (actor, at, request),
    )
    return done.rowcount == 1


def destroy(conn: Connection, request: UUID, actor: str, handed: Sequence[UUID], at: datetime) -> Destroyed:
    """Destroy what was asked for, in the caller's transaction (keys.destroy): nothing else can."""
    found = conn.execute(
        "SELECT wraps, entries, rows, still_readable FROM keys.destroy(%s, %s, %s::uuid[], %s)",
        (request, actor, list(handed), at),
    ).fetchone()
    return Destroyed(*cast("tuple[int, int, int, int]", found))


def note_entry(conn: Connection, request: UUID, entry: UUID) -> None:
    """Note the entry that says that a shred is done."""
    conn.execute("UPDATE keys.shred SET entry = %s WHERE id = %s", (entry, request))


def insert_hold(conn: Connection, person: UUID, reason: str, actor: str, at: datetime) -> UUID:
    """Place a legal hold."""
    number = uuid7()
    conn.execute(
        "INSERT INTO keys.legal_hold (id, person, reason, placed_by, placed_at) VALUES (%s, %s, %s, %s, %s)",
        (number, person, reason, actor, at),
    )
    return number


def lift_hold(conn: Connection, hold: UUID, reason: str, actor: str, at: datetime) -> UUID | None:
    """Lift a standing hold and give its person; none if it does not stand."""
    row = conn.execute(
        "UPDATE keys.legal_hold SET lifted_by = %s, lifted_reason = %s, lifted_at = %s"
        " WHERE id = %s AND lifted_at IS NULL RETURNING person",
        (actor, reason, at, hold),
    ).fetchone()
    return cast("UUID", row[0]) if row else None


def holds(conn: Connection, *, persons: Sequence[UUID] | None = None, lifted: bool = False) -> list[Hold]:
    """Read holds, oldest first: those that stand, or all."""
    found = conn.execute(
        "SELECT id, person, reason, placed_by, placed_at, lifted_by, lifted_at FROM keys.legal_hold"
        " WHERE (%(persons)s::uuid[] IS NULL OR person = ANY(%(persons)s)) AND (%(lifted)s OR lifted_at IS NULL)"
        " ORDER BY placed_at, id",
        {"persons": None if persons is None else list(persons), "lifted": lifted},
    ).fetchall()
    return [Hold(*row) for row in cast("list[tuple[UUID, UUID, str, str, datetime, str, datetime]]", found)]


def _words(reached: Reach) -> dict[str, object]:
    return {"persons": reached.persons, "own": reached.own, "records": reached.records}
