"""Record what people agree and object to, and show it: each word and each look is on the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import orjson

from wye.agreements.days import day_of
from wye.consent.giving import Word, check
from wye.consent.objecting import Reach
from wye.consent.rows import consents_of, source_recorded
from wye.consent.upheld_rows import UpheldRow, of_objections
from wye.consent.word_rows import AnswerRow, WordRow, answers_of, insert_word, words_of
from wye.errors import UsageError
from wye.identity.known import candidates
from wye.identity.link_rows import records_of
from wye.identity.rows import ONE_AT_A_TIME
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.road.admit import admit, admit_work
from wye.road.consent_entries import enter
from wye.road.hub import Hub
from wye.road.objections import reaches_of, told_under
from wye.sharing.due import mark_due
from wye.store.consents import HeldConsent
from wye.store.ids import uuid7
from wye.vocabulary import ConsentKind, EventKind


@dataclass(frozen=True, slots=True)
class Recorded:
    """Tell what a word did: the answer that counts from now on, and for an objection what it does under each agreement."""

    word: UUID
    person: UUID
    counts: HeldConsent | None
    """Which need not be this word: a newer one, or a stricter one of the same day, stands before it."""
    reaches: tuple[Reach, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Hold a word that staff recorded, opened. `words` is empty once nobody can read it."""

    row: WordRow
    words: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Answered:
    """Hold an answer to an objection, opened. `grounds` is none once nobody can read it."""

    row: AnswerRow
    grounds: str | None


@dataclass(frozen=True, slots=True)
class Upheld:
    """Hold that an objection was upheld, opened. `reason` is none once nobody can read it."""

    row: UpheldRow
    reason: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold all that a person said, with what counts and what their objections do."""

    person: UUID
    counting: tuple[HeldConsent, ...]
    by_sources: tuple[HeldConsent, ...]
    by_staff: tuple[Told, ...]
    reaches: Mapping[UUID, tuple[Reach, ...]]
    """By the id of each objection that counts."""
    answers: tuple[Answered, ...]
    upheld: tuple[Upheld, ...]


def record(hub: Hub, person: UUID, word: Word, purpose: str) -> Recorded:
    """Record a word; the person is decided again under each feed. Raises UsageError, naming no value."""
    admit_work(hub, [person], purpose)
    at = hub.at()
    number = uuid7()
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME)
        records = records_of(hub.conn, person)
        if not records:
            raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
        check(word, _born(hub, person), day_of(at))
        body = {"said_by": word.said_by.strip(), "reference": word.reference, "evidence": word.evidence.strip()}
        sealed = seal(hub.keys, number, person, orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
        insert_wraps(hub.conn, [sealed])
        row = WordRow(
            person, word.kind, word.scope, word.given, word.said_on, number, word.capacity, hub.actor, at,
            sealed.ciphertext, counts=True,
        )  # fmt: skip
        insert_word(hub.conn, row, records)
        mark_due(hub.conn, hub.feeds, [person], "consent", at)
        outcome = "given" if word.given else "refused-or-withdrawn"
        enter(hub, EventKind.ALTERATION, [person], purpose, at, outcome, {"consent_word": str(number)})
        held = consents_of(hub.conn, [person])[person]
    counting = next((one for one in held if one.kind == word.kind and one.scope == word.scope), None)
    objected = word.kind is ConsentKind.OBJECTION and word.given
    reaches = reaches_of(hub, word.scope) if objected else ()
    return Recorded(number, person, counting, reaches if counting is None else told_under(reaches, counting))


def show(hub: Hub, person: UUID) -> Shown:
    """Show what a person said, its history and effect; the consultation is on the record before anything is shown."""
    admit(hub, [person], "consent show")
    at = hub.at()
    with hub.conn.transaction():
        if not records_of(hub.conn, person):
            raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
        counting = consents_of(hub.conn, [person])[person]
        rows = words_of(hub.conn, [person])
        opened = unseal_values(hub.conn, hub.keys, {row.id: row.ciphertext for row in rows})
        objections = [one for one in counting if one.kind == ConsentKind.OBJECTION and one.given]
        answers = answers_of(hub.conn, [row.id for row in rows])
        upheld = of_objections(hub.conn, [row.id for row in rows])
        sealed = {each.id: each.ciphertext for each in answers} | {each.id: each.ciphertext for each in upheld}
        grounds = unseal_values(hub.conn, hub.keys, sealed)
        enter(hub, EventKind.CONSULTATION, [person], "consent show", at)
        found = source_recorded(hub.conn, [person])[person]
    return Shown(
        person,
        counting,
        tuple(sorted(found, key=lambda one: (one.recorded_on or date.min, str(one.record)))),
        tuple(Told(row, orjson.loads(opened[row.id]) if row.id in opened else {}) for row in rows),
        {one.record: told_under(reaches_of(hub, one.scope), one) for one in objections},
        tuple(Answered(one, grounds[one.id].decode() if one.id in grounds else None) for one in answers),
        tuple(Upheld(one, grounds[one.id].decode() if one.id in grounds else None) for one in upheld),
    )


def _born(hub: Hub, person: UUID) -> date | None:
    """Give the golden day of birth, if it is known to the day."""
    known = next(iter(candidates(hub.conn, [person])))
    for held in known.attributes.get("birth_date", ())[:1]:
        try:
            return date.fromisoformat(str(held.value))
        except ValueError:
            return None
    return None
