"""Record what people agree and object to, answer objections, and show it all: each word and each look is on the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from wye.agreements.days import day_of
from wye.agreements.model import Agreement
from wye.audit.append import append
from wye.audit.event import Event
from wye.consent.giving import SHORTEST, Word, check
from wye.consent.objecting import Effect, Reach, reach
from wye.consent.rows import consents_of, source_recorded
from wye.consent.word_rows import AnswerRow, WordRow, answers_of, insert_answer, insert_word, persons_of_word, words_of
from wye.errors import UsageError
from wye.identity.known import candidates
from wye.identity.link_rows import records_of
from wye.identity.rows import ONE_AT_A_TIME
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.sharing.due import mark_due
from wye.store.consents import HeldConsent
from wye.store.ids import uuid7
from wye.vocabulary import ConsentKind, ConsentScope, EventKind


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
class Shown:
    """Hold all that a person said, with what counts and what their objections do."""

    person: UUID
    counting: tuple[HeldConsent, ...]
    by_sources: tuple[HeldConsent, ...]
    by_staff: tuple[Told, ...]
    reaches: Mapping[UUID, tuple[Reach, ...]]
    """By the id of each objection that counts."""
    answers: tuple[Answered, ...]


def record(hub: Hub, person: UUID, word: Word, purpose: str) -> Recorded:
    """Record a word; the person is decided again under each feed. Raises UsageError, naming no value."""
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
        _enter(hub, EventKind.ALTERATION, [person], purpose, at, outcome, {"consent_word": str(number)})
        held = consents_of(hub.conn, [person])[person]
    counting = next((one for one in held if one.kind == word.kind and one.scope == word.scope), None)
    objected = word.kind is ConsentKind.OBJECTION and word.given
    return Recorded(number, person, counting, _reaches(hub, word.scope) if objected else ())


def answer(hub: Hub, objection: UUID, agreement: str, grounds: str) -> AnswerRow:
    """Record the compelling legitimate grounds on which an agreement goes on in spite of an objection (Article 21(1)).

    It releases nothing that is withheld. Raises UsageError where there is nothing to answer.
    """
    if len(grounds.strip()) < SHORTEST:
        raise UsageError(
            "`--reason` says nothing: which compelling legitimate grounds override this person's interests"
        )
    standing = hub.agreements.get(agreement)
    if standing is None:
        raise UsageError(
            f"`{agreement}` is no agreement in force; `wye consent show` names those that an objection reaches"
        )
    at = hub.at()
    number = uuid7()
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME)
        row = _objection(hub, objection)
        _check_answered(hub, row, standing.agreement)
        sealed = seal(hub.keys, number, row.person, grounds.strip().encode())
        insert_wraps(hub.conn, [sealed])
        kept = AnswerRow(number, objection, agreement, standing.agreement.version, hub.actor, at, sealed.ciphertext)
        insert_answer(hub.conn, kept)
        detail = {"consent_word": str(objection), "objection_answer": str(number), "under": agreement}
        persons = persons_of_word(hub.conn, objection)
        _enter(hub, EventKind.ALTERATION, persons, "consent answer", at, "compelling-grounds", detail)
    return kept


def show(hub: Hub, person: UUID) -> Shown:
    """Show what a person said, its history and effect; the consultation is on the record before anything is shown."""
    at = hub.at()
    with hub.conn.transaction():
        if not records_of(hub.conn, person):
            raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
        counting = consents_of(hub.conn, [person])[person]
        rows = words_of(hub.conn, [person])
        opened = unseal_values(hub.conn, hub.keys, {row.id: row.ciphertext for row in rows})
        objections = [one for one in counting if one.kind == ConsentKind.OBJECTION and one.given]
        answers = answers_of(hub.conn, [row.id for row in rows])
        grounds = unseal_values(hub.conn, hub.keys, {each.id: each.ciphertext for each in answers})
        _enter(hub, EventKind.CONSULTATION, [person], "consent show", at)
        found = source_recorded(hub.conn, [person])[person]
    return Shown(
        person,
        counting,
        tuple(sorted(found, key=lambda one: (one.recorded_on or date.min, str(one.record)))),
        tuple(Told(row, orjson.loads(opened[row.id]) if row.id in opened else {}) for row in rows),
        {one.record: _reaches(hub, ConsentScope(one.scope)) for one in objections},
        tuple(Answered(one, grounds[one.id].decode() if one.id in grounds else None) for one in answers),
    )


def _reaches(hub: Hub, scope: ConsentScope) -> tuple[Reach, ...]:
    found = (reach(standing.agreement, scope) for _, standing in sorted(hub.agreements.items()))
    return tuple(one for one in found if one is not None)


def _objection(hub: Hub, number: UUID) -> WordRow:
    """Find an objection that stands, with who has it now; raises UsageError."""
    persons = persons_of_word(hub.conn, number)
    row = next((one for one in words_of(hub.conn, persons) if one.id == number), None)
    if row is None or row.kind != ConsentKind.OBJECTION or not row.given:
        raise UsageError(f"`{number}` is no objection that staff recorded; `wye consent show` names them")
    held = consents_of(hub.conn, [row.person])[row.person]
    if not any(one.kind == ConsentKind.OBJECTION and one.scope == row.scope and one.given for one in held):
        raise UsageError(f"objection `{number}` was withdrawn: there is nothing to answer")
    return row


def _check_answered(hub: Hub, row: WordRow, agreement: Agreement) -> None:
    """Check that an objection is to be answered under an agreement, and was not yet; raises UsageError."""
    found = reach(agreement, ConsentScope(row.scope))
    if found is None:
        raise UsageError(f"the objection is about `{row.scope}`, and `{agreement.id}` is not")
    if found.effect is Effect.NO_EFFECT:
        raise UsageError(f"under `{agreement.id}` {found.why}: there is nothing to answer")
    if found.effect is Effect.WITHHELD:
        raise UsageError(f"under `{agreement.id}` {found.why}; an answer would release nothing, and none is kept")
    for one in answers_of(hub.conn, [row.id]):
        if (one.agreement, one.version) == (agreement.id, agreement.version):
            raise UsageError(f"that was answered before, by `{one.decided_by}`; `wye consent show` has it")


def _born(hub: Hub, person: UUID) -> date | None:
    """Give the golden day of birth, if it is known to the day."""
    known = next(iter(candidates(hub.conn, [person])))
    for held in known.attributes.get("birth_date", ())[:1]:
        try:
            return date.fromisoformat(str(held.value))
        except ValueError:
            return None
    return None


def _enter(
    hub: Hub,
    kind: EventKind,
    persons: Sequence[UUID],
    purpose: str,
    at: datetime,
    outcome: str | None = None,
    detail: Mapping[str, str] | None = None,
) -> None:
    events = [
        Event(
            kind=kind, at=at, actor=hub.actor, person=person, purpose=purpose, outcome=outcome, detail=dict(detail or {})
        )
        for person in persons
    ]  # fmt: skip
    append(hub.conn, hub.keys, with_flows(hub.conn, events), at)
