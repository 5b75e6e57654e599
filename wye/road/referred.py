"""Ask a named human where a duty meets a restricted record, with a clock; keep what they answer.

Nothing leaves by itself. The named human discloses by `wye disclose`, as a recorded one-off disclosure, or withholds; either
way with reasons. Who answers is an account that holds the office to which the agreement refers (WYE_OFFICES) and may look at the
record; where nobody holds it, nobody answers, and the clock tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.reason import says_nothing
from wye.road.admit import admit
from wye.road.decide import Decided, Decider
from wye.road.disclose_once.read import read_request
from wye.road.disclose_once.rows import decision_of
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.offices import holders, require_office
from wye.sharing import referred_rows as rows
from wye.sharing.referred_rows import Answer, Referred
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

ANSWER_WITHIN = timedelta(hours=24)
"""By when the named human has answered: our choice, a day, as for the review of a one-off disclosure."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a question with its answer, opened. `reason` is none without an answer, or once nobody can read it."""

    question: Referred
    answer: Answer | None
    reason: str | None


def refer(hub: Hub, decider: Decider, decisions: Sequence[Decided], at: datetime) -> None:
    """Ask, in the caller's transaction, what these decisions refer to a named human; what was asked before stays."""
    agreement = decider.agreement
    rows.insert(
        hub.conn,
        [
            Referred(
                each.referred, each.person, agreement.id, agreement.version, agreement.recipient,
                each.decision.refer_to, at, at + ANSWER_WITHIN,
            )
            for each in decisions
            if each.referred is not None and each.decision.refer_to is not None
        ],
    )  # fmt: skip


def waiting(conn: Connection) -> list[Referred]:
    """List what waits for an answer, the most urgent first; whoever shows of whom it is writes the entry of the look."""
    return [question for question, _ in rows.listed(conn)]


def show(hub: Hub, number: UUID) -> Opened:
    """Show of whom a question is and what was answered, to whom may look at the record; on the record first."""
    question, answer = _one(hub, number)
    admit(hub, [question.person], "people referred show")
    with hub.conn.transaction():
        _note(hub, question, EventKind.CONSULTATION, "people referred show")
        opened = {} if answer is None else unseal_values(hub.conn, hub.keys, {answer.id: answer.ciphertext})
    reason = opened[answer.id].decode() if answer is not None and answer.id in opened else None
    return Opened(question, answer, reason)


def withhold(hub: Hub, number: UUID, reason: str) -> None:
    """Answer that nothing is disclosed; raises UsageError without reasons, or to an account that may not look."""
    _answer(hub, number, reason, None)


def disclosed(hub: Hub, number: UUID, one_off: UUID, reason: str) -> None:
    """Answer by a one-off disclosure of the same person to the same recipient; raises UsageError if it is none."""
    _answer(hub, number, reason, one_off)


def _answer(hub: Hub, number: UUID, reason: str, one_off: UUID | None) -> None:
    question, _ = _one(hub, number)
    admit(hub, [question.person], "people referred answer")
    require_office(hub, question.office)
    if says_nothing(reason):
        raise UsageError("an answer needs its reasons, by `--reason`")
    at = hub.at()
    with hub.conn.transaction():
        rows.hold_still(hub.conn, number)
        _, answer = _one(hub, number)
        if answer is not None:
            raise UsageError(f"`{number}` was answered by `{answer.answered_by}`: {answer.word}")
        if one_off is not None:
            _check(hub, question, one_off)
        sealed = seal(hub.keys, uuid7(), question.person, reason.strip().encode())
        insert_wraps(hub.conn, [sealed])
        word = "withheld" if one_off is None else "disclosed"
        rows.insert_answer(hub.conn, number, Answer(sealed.value, word, one_off, hub.actor, at, sealed.ciphertext))
        _note(hub, question, EventKind.ALTERATION, "people referred answer", word)


def _check(hub: Hub, question: Referred, one_off: UUID) -> None:
    request = read_request(hub, one_off)
    decided = decision_of(hub.conn, one_off)
    if question.person not in request.persons or request.recipient != question.recipient:
        raise UsageError(f"one-off disclosure `{one_off}` is not of this person to `{question.recipient}`")
    if decided is None or decided.word != "share" or decided.decided_at < question.opened_at:
        raise UsageError(f"nothing was disclosed by `{one_off}` since this was asked: `wye disclose show` tells")
    if decided.decided_by not in holders(hub, question.office):
        raise UsageError(
            f"`{decided.decided_by}` decided `{one_off}`, and does not hold the office `{question.office}`"
        )


def _one(hub: Hub, number: UUID) -> tuple[Referred, Answer | None]:
    found = rows.listed(hub.conn, one=number, answered=True)
    if not found:
        raise UsageError(f"nothing was referred as `{number}`; `wye people referred list` names what waits")
    return found[0]


def _note(hub: Hub, question: Referred, kind: EventKind, purpose: str, outcome: str | None = None) -> None:
    at = hub.at()
    event = Event(
        kind=kind, at=at, actor=hub.actor, person=question.person, agreement=question.agreement,
        version=question.version, recipient=question.recipient, outcome=outcome, purpose=purpose,
        detail={"referred": str(question.id)},
    )  # fmt: skip
    append(hub.conn, hub.keys, with_flows(hub.conn, [event]), at)
