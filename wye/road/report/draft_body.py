"""Hold a drafted report: lines of ids and names of fields, never a value. Stored sealed, held by its person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from wye.vocabulary import Exemption

NOT_RECORDED = "not-recorded"
"""Stands for the fields of a disclosure whose entry names none: every rule marks it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Be one disclosure of a line: its entry, when, the message that carried it, and which of the line's fields."""

    entry: UUID
    at: datetime
    message: UUID | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOff:
    """Hold what stands in the place of an agreement where somebody decided on one disclosure (`wye disclose`)."""

    power: str
    """Its act and section, as gateways.yaml names them."""
    kind: str
    """What kind of body was told, as the decider said."""
    sources: tuple[str, ...]
    """The systems that the facts came from."""


@dataclass(frozen=True, slots=True)
class Line:
    """Be what one recipient received under one version of an agreement and what the same exemptions may cover."""

    number: int
    """From 1."""
    recipient: str
    agreement: str | None
    version: str | None
    purpose: str | None
    marks: tuple[Exemption, ...]
    sent: tuple[Sent, ...]
    """Oldest first, never empty."""
    one_off: OneOff | None = None
    """There is no agreement: somebody decided."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Name every field that went, as `entity.field`, sorted."""
        return tuple(sorted({field for each in self.sent for field in each.fields}))


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold what a drafter found. Most sensitive class: personal (that these bodies know this person, and what for)."""

    person: UUID
    formerly: tuple[UUID, ...]
    """Other ids under which the person was known before a merge, as the drafter named them."""
    reason: str
    lines: tuple[Line, ...]
    unread: int
    """Entries about the person that nobody can read any more."""
    moves: int
    """Merges and unmerges on the person's record: other ids may have to be named."""

    @property
    def marked(self) -> tuple[int, ...]:
        """Number the lines that a second person must decide."""
        return tuple(line.number for line in self.lines if line.marks)

    def line(self, number: int) -> Line | None:
        """Find a line by its number."""
        return next((line for line in self.lines if line.number == number), None)


def write(draft: Draft) -> bytes:
    """Write a draft as the bytes that are sealed."""
    return orjson.dumps(asdict(draft), option=orjson.OPT_SORT_KEYS)


def read(body: bytes) -> Draft:
    """Read a draft back from its opened bytes."""
    held = orjson.loads(body)
    return Draft(
        person=UUID(held["person"]),
        formerly=tuple(UUID(each) for each in held["formerly"]),
        reason=held["reason"],
        lines=tuple(_line(each) for each in held["lines"]),
        unread=held["unread"],
        moves=held["moves"],
    )


def _line(held: Mapping[str, Any]) -> Line:
    return Line(
        number=held["number"],
        recipient=held["recipient"],
        agreement=held["agreement"],
        version=held["version"],
        purpose=held["purpose"],
        marks=tuple(Exemption(each) for each in held["marks"]),
        sent=tuple(
            Sent(
                UUID(each["entry"]),
                datetime.fromisoformat(each["at"]),
                None if each["message"] is None else UUID(each["message"]),
                tuple(each["fields"]),
            )
            for each in held["sent"]
        ),
        one_off=_one_off(held.get("one_off")),
    )


def _one_off(held: Mapping[str, Any] | None) -> OneOff | None:
    return None if held is None else OneOff(held["power"], held["kind"], tuple(held["sources"]))
