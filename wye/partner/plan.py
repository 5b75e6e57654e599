"""Plan what a batch of opened messages changes: pure.

Each message is applied once, and in the order of its subject's sequence numbers. A message that comes before an
earlier one of its subject waits for it and holds nobody else back; a `void` closes a number that will never come.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from wye.errors import BadInput
from wye.partner.envelope_reader import FeedMessage
from wye.partner.receipt import Refusal
from wye.vocabulary import MessageKind

CheckBody = Callable[[str, bytes], None]
"""Check a body against its media type; raises BadInput."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold an opened message with its bytes as they came, in case it has to wait."""

    message: FeedMessage
    headers: Mapping[str, object]
    sealed: bytes
    body_hash: str


@dataclass(slots=True)
class Plan:
    """Hold what a batch changes. `held` maps (agreement, subject) to the message to hold, or None to let go."""

    applied: list[Opened] = field(default_factory=list)
    refused: list[tuple[Opened, Refusal]] = field(default_factory=list)
    waiting: list[Opened] = field(default_factory=list)
    again: list[UUID] = field(default_factory=list)
    recalled: list[Opened] = field(default_factory=list)
    """Recalls among what is applied: each is owed an answer."""
    positions: dict[str, int] = field(default_factory=dict)
    held: dict[tuple[str, str], Opened | None] = field(default_factory=dict)


def check_json(media_type: str, body: bytes) -> None:
    """Check that a body of a JSON media type parses; raises BadInput. Other media types pass."""
    if media_type.partition(";")[0].strip().endswith("json"):
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError:
            # The parser's error carries the body: it is not chained.
            raise BadInput("the body is no JSON, though its media type says so") from None


def plan(
    positions: Mapping[str, int], known: set[UUID], messages: Sequence[Opened], check_body: CheckBody = check_json
) -> Plan:
    """Plan a batch, given each subject's last number applied and the ids applied or refused before.

    `messages` are the new ones and those of the same subjects that waited.
    """
    result = Plan()
    pending: dict[str, dict[int, Opened]] = {}
    seen: set[UUID] = set()
    for opened in messages:
        a = opened.message.attributes
        if a.id in known or a.id in seen:
            result.again.append(a.id)
        elif a.sequence <= positions.get(a.subject, 0):
            _pass_by(result, opened)
        else:
            pending.setdefault(a.subject, {}).setdefault(a.sequence, opened)
        seen.add(a.id)
    for subject, queue in pending.items():
        following = positions.get(subject, 0) + 1
        while following in queue:
            _use(result, queue.pop(following), check_body)
            result.positions[subject] = following
            following += 1
        result.waiting += queue.values()
    return result


def _pass_by(result: Plan, opened: Opened) -> None:
    """Settle a message whose number was closed before: a `void` has its wish, another was replaced."""
    if opened.message.attributes.kind is MessageKind.VOID:
        result.applied.append(opened)
    else:
        result.refused.append((opened, Refusal.STALE))


def _use(result: Plan, opened: Opened, check_body: CheckBody) -> None:
    message, a = opened.message, opened.message.attributes
    if a.kind in (MessageKind.PUT, MessageKind.CORRECT):
        try:
            _check_storable(message.body)
            check_body(message.media_type, message.body)
        except BadInput:
            result.refused.append((opened, Refusal.UNREADABLE))
            return
        result.held[a.agreement, a.subject] = opened
    elif a.kind in (MessageKind.WITHDRAW, MessageKind.MERGE):
        # After a merge the survivor comes as a put of its own.
        result.held[a.agreement, a.subject] = None
    elif a.kind is MessageKind.RECALL:
        if not _readable_recall(message.body):
            result.refused.append((opened, Refusal.UNREADABLE))
            return
        result.recalled.append(opened)
    result.applied.append(opened)


def _readable_recall(body: bytes) -> bool:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(content, dict) and {"ground", "answer_by"} <= set(content)


def _check_storable(body: bytes) -> None:
    if b"\0" in body:
        raise BadInput("the body holds a NUL, which PostgreSQL text cannot")
