"""Say that records are one person or two: a human's word, which linking never overrides.

What is said holds at once: links are moved in the same transaction, and the next run gathers the rest around them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from wye.errors import UsageError
from wye.identity import golden, link_rows, second_look_rows, word_rows
from wye.identity.link_rows import instant, keep_event, move, records_of
from wye.identity.sealing import sealed_among
from wye.identity.words import TAKE_BACK, Pair, Said, Word, between, check, named
from wye.store.database import Connection
from wye.store.ids import uuid7

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('wye.identity'))"

# A pair that somebody holds to be two people and that is with one person now.
TOGETHER = """SELECT d.record_a, d.record_b, d.event, a.person FROM identity.doubt d
JOIN identity.person_link a ON a.record = d.record_a AND a.superseded_at IS NULL
JOIN identity.person_link b ON b.record = d.record_b AND b.superseded_at IS NULL AND b.person = a.person
WHERE d.decision = 'different' AND a.person = ANY(%s) ORDER BY d.record_a, d.record_b LIMIT 1"""

# A pair that somebody holds to be one person and that is with two now, though both are there to be linked.
APART = """SELECT d.record_a, d.record_b, d.event FROM identity.doubt d
JOIN identity.person_link a ON a.record = d.record_a AND a.superseded_at IS NULL
JOIN identity.person_link b ON b.record = d.record_b AND b.superseded_at IS NULL AND b.person <> a.person
JOIN identity.feature f ON f.record = d.record_a JOIN identity.feature g ON g.record = d.record_b
WHERE d.decision = 'same' AND (a.person = ANY(%(persons)s) OR b.person = ANY(%(persons)s))
AND NOT EXISTS (SELECT FROM identity.sealed_record s WHERE s.record IN (d.record_a, d.record_b))
ORDER BY d.record_a, d.record_b LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Hold what an event did: `records` went from one of the persons to the other; `parted` if two were made of one."""

    event: UUID
    kept: UUID
    other: UUID
    records: tuple[UUID, ...]
    parted: bool

    @property
    def persons(self) -> tuple[UUID, ...]:
        """Name the persons that it is about, each once."""
        return tuple(dict.fromkeys((self.kept, self.other)))


def same(conn: Connection, left: UUID, right: UUID, reason: str, actor: str, at: datetime) -> Spoken:
    """Say that two records, or persons, are one person; their persons are merged into the older."""
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        (one, a), (two, b) = _resolve(conn, left), _resolve(conn, right)
        _check_two(left, right, a, b)
        kept = link_rows.older(conn, one, two)
        other = two if kept == one else one
        moving = records_of(conn, other) if one != two else _not_verified(conn, [*a, *b])
        stamp = instant(conn, moving, at)
        move(conn, moving, kept, reason, stamp)
        event = keep_event(conn, "same", (kept, other), moving, reason, actor, stamp)
        say(conn, event, actor, {"same": between(a, b)}, stamp)
        settle(conn, event, (kept, other), at)
        return Spoken(event, kept, other, tuple(moving), parted=False)


def different(conn: Connection, left: UUID, right: UUID, reason: str, actor: str, at: datetime) -> Spoken:
    """Say that two records, or persons, are two people.

    If they are with one person, the second leaves it at once, with whatever humans tied to it.
    """
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        (kept, a), (other, b) = _resolve(conn, left), _resolve(conn, right)
        _check_two(left, right, a, b)
        leaving: Sequence[UUID] = []
        stamp = instant(conn, [], at)
        if kept == other:
            together = records_of(conn, kept)
            leaving = sorted(_tied(conn, b, between(a, b)).intersection(together))
            if not set(leaving).isdisjoint(a):
                now = uuid7()
                check([*word_rows.known(conn, b), *(Word(pair, "different", now) for pair in between(a, b))], now)
            stamp = instant(conn, leaving, at)
            other = link_rows.new_person(conn, stamp)
            move(conn, leaving, other, reason, stamp)
            word_rows.unsettle(conn, together, stamp)
        event = keep_event(conn, "different", (kept, other), leaving, reason, actor, stamp)
        say(conn, event, actor, {"different": between(a, b)}, stamp)
        settle(conn, event, (kept, other), at)
        return Spoken(event, kept, other, tuple(leaving), parted=bool(leaving))


def split(conn: Connection, person: UUID, records: Sequence[UUID], reason: str, actor: str, at: datetime) -> Spoken:
    """Give some of a person's records a person of their own; they are not joined to the others again."""
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        leaving = sorted(set(records))
        kept, all_records = _resolve(conn, person)
        staying = [record for record in all_records if record not in leaving]
        for record in leaving:
            if record not in all_records:
                raise UsageError(f"person `{person}` has no record `{record}`; `wye people show` lists the records")
        if not leaving or not staying:
            raise UsageError(f"name some of the {len(all_records)} records of person `{kept}`: one at least must stay")
        stamp = instant(conn, leaving, at)
        other = link_rows.new_person(conn, stamp)
        move(conn, leaving, other, reason, stamp)
        event = keep_event(conn, "split", (kept, other), leaving, reason, actor, stamp)
        said: dict[Said, list[Pair]] = {
            "different": between(leaving, staying),
            "same": between(leaving, leaving),
        }
        say(conn, event, actor, said, stamp)
        settle(conn, event, (kept, other), at)
        return Spoken(event, kept, other, tuple(leaving), parted=True)


def say(conn: Connection, event: UUID, actor: str, said: dict[Said, list[Pair]], at: datetime) -> None:
    """Keep an event's words and let them count; a pair in dispute is settled by a third account only."""
    pairs = [pair for each in said.values() for pair in each]
    second_look_rows.refuse_disputants(conn, pairs, actor)
    for word, each in said.items():
        word_rows.speak(conn, event, each, word)
    word_rows.stand(conn, pairs, at)
    second_look_rows.settle(conn, pairs, event)


def settle(conn: Connection, event: UUID, persons: Sequence[UUID], at: datetime, again: Sequence[Pair] = ()) -> None:
    """Check that an event leaves no word against another, or against a link, and write the golden attributes anew.

    `again`: pairs whose earlier words count again; their records may be with other persons by now.
    Raises UsageError naming the events; the transaction is then rolled back.
    """
    found_with = link_rows.persons_of_records(conn, [record for pair in again for record in pair])
    persons = sorted({*persons, *found_with.values()})
    records = [record for person in persons for record in records_of(conn, person)]
    check(word_rows.known(conn, records), event)
    found = cast("tuple[UUID, UUID, UUID | None, UUID] | None", conn.execute(TOGETHER, (persons,)).fetchone())
    if found is not None:
        a, b, by, person = found
        raise UsageError(
            f"records `{a}` and `{b}` would both be of person `{person}`, and are two people by {named(by, event)}; "
            f"split one off first (`wye people split`), or {TAKE_BACK}"
        )
    tied = cast("tuple[UUID, UUID, UUID | None] | None", conn.execute(APART, {"persons": persons}).fetchone())
    if tied is not None:
        a, b, by = tied
        raise UsageError(
            f"records `{a}` and `{b}` would be parted, and are one person by {named(by, event)}; {TAKE_BACK}"
        )
    golden.write(conn, persons, at)


def open_records(conn: Connection, person: UUID) -> Sequence[UUID]:
    """Read a person's records; raises UsageError, in one and the same sentence, if there are none or one is sealed."""
    records = records_of(conn, person)
    if not records or sealed_among(conn, records):
        raise UsageError(
            f"`{person}` is no person or record of which anything can be said; `wye people find` finds one"
        )
    return records


def _resolve(conn: Connection, named_: UUID) -> tuple[UUID, Sequence[UUID]]:
    """Read a person's id as all of its records, a record's id as that record; with its person."""
    person = link_rows.persons_of_records(conn, [named_]).get(named_)
    if person is None:
        return named_, open_records(conn, named_)
    if sealed_among(conn, [named_]):
        return named_, open_records(conn, named_)  # the same refusal: a record's id is no person's
    return person, [named_]


def _check_two(left: UUID, right: UUID, a: Sequence[UUID], b: Sequence[UUID]) -> None:
    if not set(a).isdisjoint(b):
        raise UsageError(f"`{left}` and `{right}` share a record; name two records, or two persons")


def _tied(conn: Connection, records: Sequence[UUID], without: Sequence[Pair]) -> set[UUID]:
    """List the records that humans tied to these, leaving out words about the pairs that are spoken of now."""
    words = [each for each in word_rows.known(conn, records) if each.said == "same" and each.pair not in without]
    found = set(records)
    while more := {record for each in words if not found.isdisjoint(each.pair) for record in each.pair} - found:
        found |= more
    return found


def _not_verified(conn: Connection, records: Sequence[UUID]) -> list[UUID]:
    found = conn.execute(
        "SELECT record FROM identity.person_link WHERE superseded_at IS NULL AND kind <> 'verified'"
        " AND record = ANY(%s) ORDER BY record",
        (list(records),),
    ).fetchall()
    return [record for (record,) in cast("list[tuple[UUID]]", found)]
