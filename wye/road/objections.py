"""Answer objections or uphold them, and say which still wait for either (UK GDPR Articles 12(3) and 21(1))."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.agreements.model import Agreement
from wye.consent import upheld_rows
from wye.consent.objecting import Effect, Reach, answer_by, reach
from wye.consent.rows import consents_of
from wye.consent.upheld_rows import UpheldRow
from wye.consent.word_rows import AnswerRow, WordRow, answers_of, counts_for, insert_answer, objectors, words_of
from wye.errors import UsageError
from wye.identity.rows import ONE_AT_A_TIME
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.reason import says_nothing
from wye.road.admit import admit_work
from wye.road.consent_entries import enter
from wye.road.hub import Hub
from wye.sharing.due import mark_due
from wye.store.consents import HeldConsent
from wye.store.ids import uuid7
from wye.vocabulary import ConsentKind, EventKind

UPHELD = "nothing of the person is shared under it: the objection was upheld (UK GDPR Article 21(1))"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Name an objection that somebody has to answer under an agreement; not of whom it is."""

    objection: UUID
    scope: str
    said_on: date
    agreement: str
    version: str
    answer_by: date

    def overdue(self, at: datetime) -> bool:
        """Say whether it should have been answered."""
        return self.answer_by < day_of(at)


def reaches_of(hub: Hub, scope: str) -> tuple[Reach, ...]:
    """Say what an objection in a scope does under each agreement in force that is about it, in order of their ids."""
    found = (reach(standing.agreement, scope) for _, standing in sorted(hub.agreements.items()))
    return tuple(one for one in found if one is not None)


def answer(hub: Hub, objection: UUID, agreement: str, grounds: str) -> AnswerRow:
    """Record the compelling legitimate grounds on which an agreement goes on in spite of an objection (Article 21(1)).

    It releases nothing that is withheld. Raises UsageError where there is nothing to answer, and Restricted for an account against
    which a record of theirs is restricted by name.
    """
    admit_work(hub, counts_for(hub.conn, objection), "consent answer")
    if says_nothing(grounds):
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
        row = _standing(hub, objection)
        _check_answered(hub, row, standing.agreement)
        sealed = seal(hub.keys, number, row.person, grounds.strip().encode())
        insert_wraps(hub.conn, [sealed])
        kept = AnswerRow(number, objection, agreement, standing.agreement.version, hub.actor, at, sealed.ciphertext)
        insert_answer(hub.conn, kept)
        detail = {"consent_word": str(objection), "objection_answer": str(number)}
        persons = counts_for(hub.conn, objection)
        enter(hub, EventKind.ALTERATION, persons, "consent answer", at, "compelling-grounds", detail, agreement)
    return kept


def uphold(hub: Hub, objection: UUID, agreement: str, reason: str) -> UpheldRow:
    """Record that there are no compelling legitimate grounds to go on: nothing of the person is shared under the agreement.

    They are decided again at once: what the recipient holds is withdrawn, as the agreement says (Article 17(1)(c)). It counts under
    every version, as long as an objection in that scope stands. Raises UsageError where there is nothing to uphold, and Restricted
    for an account against which a record of theirs is restricted by name.
    """
    admit_work(hub, counts_for(hub.conn, objection), "consent uphold")
    if says_nothing(reason):
        raise UsageError("`--reason` says nothing: why there are no compelling legitimate grounds to go on")
    standing = hub.agreements.get(agreement)
    if standing is None:
        raise UsageError(
            f"`{agreement}` is no agreement in force; `wye consent show` names those that an objection reaches"
        )
    at = hub.at()
    number = uuid7()
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME)
        row = _standing(hub, objection)
        _check_reached(row, standing.agreement)
        _check_not_upheld(hub, row, agreement)
        sealed = seal(hub.keys, number, row.person, reason.strip().encode())
        insert_wraps(hub.conn, [sealed])
        kept = UpheldRow(number, objection, agreement, hub.actor, at, sealed.ciphertext)
        upheld_rows.insert(hub.conn, kept)
        persons = counts_for(hub.conn, objection)
        if standing.agreement.feeds:
            mark_due(hub.conn, [agreement], persons, "consent", at)
        detail = {"consent_word": str(objection), "objection_upheld": str(number)}
        enter(hub, EventKind.ALTERATION, persons, "consent uphold", at, "upheld", detail, agreement)
    return kept


def told_under(reaches: tuple[Reach, ...], one: HeldConsent) -> tuple[Reach, ...]:
    """Say of an objection that counts what it does now: where it was upheld, it withholds."""
    return tuple(
        each._replace(effect=Effect.WITHHELD, why=UPHELD) if each.agreement in one.upheld else each for each in reaches
    )


def waiting(hub: Hub) -> list[Waiting]:
    """List the objections that staff recorded, stand, and have no answer where they need one; the oldest first."""
    persons = objectors(hub.conn)
    found: dict[tuple[UUID, str], Waiting] = {}
    size = hub.settings.batch_rows
    for start in range(0, len(persons), size):
        batch = persons[start : start + size]
        words = [row for row in words_of(hub.conn, batch) if row.kind == ConsentKind.OBJECTION]
        # In the order in which they were said, so the last withdrawal is kept. A repeated objection restarts no clock.
        withdrawn = {(row.person, row.scope): row.said_on for row in words if not row.given}
        answered = {(a.objection, a.agreement, a.version) for a in answers_of(hub.conn, [row.id for row in words])}
        held = consents_of(hub.conn, batch).items()
        stands = {
            (who, one.scope): one.upheld
            for who, all_ in held
            for one in all_
            if one.kind == ConsentKind.OBJECTION and one.given
        }
        for row in words:
            of = (row.person, row.scope)
            if not row.given or of not in stands or row.said_on < withdrawn.get(of, row.said_on):
                continue
            for one in reaches_of(hub, row.scope):
                if one.agreement in stands[of]:
                    continue
                if one.effect is Effect.TO_ANSWER and (row.id, one.agreement, one.version) not in answered:
                    found[row.id, one.agreement] = Waiting(
                        row.id, row.scope, row.said_on, one.agreement, one.version, answer_by(row.said_on)
                    )
    return sorted(found.values(), key=lambda one: (one.answer_by, one.agreement, one.objection))


def _standing(hub: Hub, number: UUID) -> WordRow:
    """Find an objection that stands, with somebody for whom it does; raises UsageError."""
    persons = counts_for(hub.conn, number)
    rows = [row for row in words_of(hub.conn, persons) if row.id == number]
    if not rows or rows[0].kind != ConsentKind.OBJECTION or not rows[0].given:
        raise UsageError(
            f"`{number}` is no objection that staff recorded; `wye consent show` names those, and `wye consent object`"
            " records one that so far only a system holds"
        )
    held = consents_of(hub.conn, persons)
    for row in rows:
        for one in held[row.person]:
            if (one.kind, one.scope, one.given) == (row.kind, row.scope, True):
                return row
    raise UsageError(f"objection `{number}` was withdrawn: there is nothing to answer")


def _check_answered(hub: Hub, row: WordRow, agreement: Agreement) -> None:
    """Check that an objection is to be answered under an agreement, and was not yet; raises UsageError."""
    _check_reached(row, agreement)
    _check_not_upheld(hub, row, agreement.id)
    for one in answers_of(hub.conn, [row.id]):
        if (one.agreement, one.version) == (agreement.id, agreement.version):
            raise UsageError(f"that was answered before, by `{one.decided_by}`; `wye consent show` has it")


def _check_not_upheld(hub: Hub, row: WordRow, agreement: str) -> None:
    """Check that it was not upheld: that stands for as long as the objection does; raises UsageError."""
    for one in upheld_rows.of_objections(hub.conn, [row.id]):
        if one.agreement == agreement:
            raise UsageError(f"that was upheld before, by `{one.decided_by}`; it ends when the objection is withdrawn")


def _check_reached(row: WordRow, agreement: Agreement) -> None:
    """Check that an objection is for a human to answer under an agreement; raises UsageError."""
    found = reach(agreement, row.scope)
    if found is None:
        raise UsageError(f"the objection is about `{row.scope}`, and `{agreement.id}` is not")
    if found.effect is Effect.NO_EFFECT:
        raise UsageError(f"under `{agreement.id}` {found.why}: there is nothing to answer")
    if found.effect is Effect.WITHHELD:
        raise UsageError(f"under `{agreement.id}` {found.why}; an answer would release nothing, and none is kept")
