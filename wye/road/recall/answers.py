"""Keep what recipients answer to recalls: signed by them, or written down by one of us. Each is on the record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.exchange.recall_rows import forget_held
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.reason import says_nothing
from wye.road.hub import Hub
from wye.road.recall import rows
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, RecallAnswer, RecallGround

Waiver = Literal["impossible", "disproportionate"]
"""Why a recipient is not told at all: ours to say, and to record (UK GDPR Article 19)."""

Corrected = Literal["corrected"]
"""A recipient put right what it holds, and holds it still: an answer to a rectification, which goes by hand."""


def note_answers(hub: Hub, answers: Sequence[tuple[UUID, RecallAnswer]], at: datetime) -> None:
    """Write the entries of signed answers, in the transaction that keeps them."""
    found = rows.by_message(hub.conn, [message for message, _ in answers])
    events = [
        Event(
            kind=EventKind.RECEIPT,
            at=at,
            actor=recipient,
            person=person,
            agreement=agreement,
            recipient=recipient,
            message=message,
            outcome=answer.value,
            purpose="feeds recall",
            detail={"recall": str(recall), "line": str(line)},
        )
        for message, answer in answers
        for line, recall, person, agreement, recipient in [found[message]]
    ]
    append(hub.conn, hub.keys, events, at)


def answer(hub: Hub, line: UUID, said: RecallAnswer | Waiver | Corrected, reason: str) -> rows.Line:
    """Write down what a recipient answered by letter or telephone, or that it is not told at all; raises UsageError."""
    if says_nothing(reason):
        raise UsageError("say by `--reason` who answered, when and how; or why telling them cannot be asked of us")
    at = hub.at()
    with hub.conn.transaction():
        found = rows.lines(hub.conn, line=line)
        if not found:
            raise UsageError(f"no recall has a line `{line}`; `wye feeds recall list` names them")
        one = found[0]
        number = uuid7()
        word = str(said)
        if word == "corrected" and one.ground != RecallGround.RECTIFICATION:
            raise UsageError(
                f"line `{line}` asks for something back: `corrected` answers a rectification; what they keep is"
                f" `{RecallAnswer.KEPT_UNDER_OWN_DUTY}` or `{RecallAnswer.CANNOT}`"
            )
        sealed = seal(hub.keys, number, one.person, reason.strip().encode())
        insert_wraps(hub.conn, [sealed])
        rows.insert_answer(hub.conn, number, line, word, hub.actor, at, sealed.ciphertext)
        forget_held(hub.conn, line, word)
        told = Event(
            kind=EventKind.RECEIPT, at=at, actor=hub.actor, person=one.person, agreement=one.agreement,
            recipient=one.recipient, message=one.message, outcome=word, purpose="feeds recall",
            detail={"recall": str(one.recall), "line": str(line)},
        )  # fmt: skip
        append(hub.conn, hub.keys, [told], at)
    return rows.lines(hub.conn, line=line)[0]


def show(hub: Hub, recall: UUID) -> tuple[dict[str, str] | None, list[rows.Line]]:
    """Show a recall: who asked and why (none once nobody can read it), and its lines. The look is on the record."""
    at = hub.at()
    with hub.conn.transaction():
        sealed = rows.words_of(hub.conn, recall)
        if sealed is None:
            raise UsageError(f"no recall `{recall}`; `wye feeds recall list` names them")
        opened = unseal_values(hub.conn, hub.keys, {recall: sealed})
        found = rows.lines(hub.conn, recall=recall)
        looks = [
            Event(
                kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=person, purpose="feeds recall show",
                detail={"recall": str(recall)},
            )
            for person in sorted({one.person for one in found})
        ]  # fmt: skip
        append(hub.conn, hub.keys, looks, at)
    return (orjson.loads(opened[recall]) if recall in opened else None), found
