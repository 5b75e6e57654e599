"""Say what one audit entry records: who did what, to whom, under which agreement, and how it ended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import orjson

from wye.errors import EvidenceBroken
from wye.vocabulary import EventKind

NO_DETAIL: Mapping[str, str] = {}
NHS_NUMBER_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Hold one event about one person, or one with totals about nobody (Data Protection Act 2018 section 62).

    Most sensitive class: personal (that this person, this purpose, these fields). Never a field's value.
    """

    kind: EventKind
    at: datetime
    actor: str
    """The signed-in account, or the program that acted."""
    person: UUID | None = None
    nhs_number: str | None = None
    """Makes the entry findable by it; kept as a search token only, never in the body."""
    agreement: str | None = None
    version: str | None = None
    recipient: str | None = None
    message: UUID | None = None
    """The outbox or inbound message that carried it."""
    flows: tuple[str, ...] = ()
    """Agreements under which something of the same people came in or went out: what tells the flow of an alteration, a
    combination, an erasure or a look, which happen under none (Data Protection Act 2018 section 62)."""
    outcome: str | None = None
    purpose: str | None = None
    reasons: tuple[str, ...] = ()
    """Codes of the clauses that decided."""
    fields: tuple[str, ...] = ()
    """Names, as `entity.field`."""
    counts: Mapping[str, int] | None = None
    detail: Mapping[str, str] = field(default_factory=lambda: NO_DETAIL)
    """Ids of what else it touched, by what they are."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an event's time is aware, in UTC")
        number = self.nhs_number
        if number is not None and not (len(number) == NHS_NUMBER_DIGITS and number.isascii() and number.isdecimal()):
            raise ValueError("an event's NHS number is 10 digits without spaces")


def never_sent(events: Iterable[Event]) -> frozenset[UUID]:
    """Name the entries of disclosures that later entries say never left."""
    return frozenset(
        UUID(each.detail["entry"]) for each in events if each.kind is EventKind.UNSENT and "entry" in each.detail
    )


def write_body(event: Event) -> bytes:
    """Write an event as the bytes that are sealed: JSON with sorted keys, without what is empty."""
    body = {
        "kind": event.kind.value,
        "at": event.at if event.at.tzinfo is UTC else event.at.astimezone(UTC),
        "actor": event.actor,
        "person": event.person,
        "agreement": event.agreement,
        "version": event.version,
        "recipient": event.recipient,
        "message": event.message,
        "flows": event.flows,
        "outcome": event.outcome,
        "purpose": event.purpose,
        "reasons": event.reasons,
        "fields": event.fields,
        "counts": None if event.counts is None else dict(event.counts),
        "detail": dict(event.detail),
    }
    present = {key: value for key, value in body.items() if value or value == ""}
    return orjson.dumps(present, option=orjson.OPT_SORT_KEYS)


def read_body(body: bytes) -> Event:
    """Read an event back from its opened bytes; the NHS number was never in them."""
    try:
        held = orjson.loads(body)
        return Event(
            kind=EventKind(held["kind"]),
            at=datetime.fromisoformat(held["at"]),
            actor=held["actor"],
            person=_uuid(held.get("person")),
            agreement=held.get("agreement"),
            version=held.get("version"),
            recipient=held.get("recipient"),
            message=_uuid(held.get("message")),
            flows=tuple(held.get("flows", ())),
            outcome=held.get("outcome"),
            purpose=held.get("purpose"),
            reasons=tuple(held.get("reasons", ())),
            fields=tuple(held.get("fields", ())),
            counts=held.get("counts"),
            detail=held.get("detail", {}),
        )
    except (ValueError, KeyError, TypeError):
        raise EvidenceBroken("an audit body is not an event that this version of wye can read") from None


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
