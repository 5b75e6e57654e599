"""Write and read the CloudEvents 1.0 attributes of a message as AMQP headers (CloudEvents AMQP binding 3.1.3).

Nothing personal stands here: the broker reads headers. The subject is a pseudonym that only this partner gets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.errors import MessageRefused
from wye.vocabulary import MessageKind

PREFIX = "cloudEvents:"
CONTENT_TYPE = "application/jose"
SPEC_VERSION = "1.0"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
_SUBJECT = re.compile(r"[0-9A-Za-z-]{0,64}")


@dataclass(frozen=True, slots=True)
class Attributes:
    """Hold a message's CloudEvents attributes. `time` is RFC 3339 text; `subject` is empty where there is none."""

    id: UUID
    source: str
    kind: MessageKind
    time: str
    subject: str
    agreement: str
    version: str
    sequence: int

    def content(self) -> dict[str, str | int]:
        """Give the members by which the sealed plaintext repeats the attributes."""
        return {
            "id": str(self.id),
            "source": self.source,
            "kind": self.kind.value,
            "time": self.time,
            "subject": self.subject,
            "agreement": self.agreement,
            "version": self.version,
            "sequence": self.sequence,
        }


def check_same(attributes: Attributes, content: Mapping[str, object], agreement: str) -> None:
    """Check that the headers are those of the sealed plaintext and of this agreement; raises MessageRefused."""
    for name, value in attributes.content().items():
        if content.get(name) != value:
            raise MessageRefused(f"header `{name}` is not what the sealed message says; the headers were altered")
    if attributes.agreement != agreement:
        raise MessageRefused(f"the message belongs to another agreement than `{agreement}`")


def type_of(kind: MessageKind) -> str:
    """Name the CloudEvents type of a kind of message."""
    return f"uk.wye.{kind}.v1"


def to_headers(attributes: Attributes) -> dict[str, str]:
    """Write the attributes as AMQP application properties; all are text, as CloudEvents' own `sequence` is."""
    headers = {
        f"{PREFIX}specversion": SPEC_VERSION,
        f"{PREFIX}id": str(attributes.id),
        f"{PREFIX}source": attributes.source,
        f"{PREFIX}type": type_of(attributes.kind),
        f"{PREFIX}time": attributes.time,
        f"{PREFIX}agreement": attributes.agreement,
        f"{PREFIX}agreementversion": attributes.version,
        f"{PREFIX}sequence": str(attributes.sequence),
        f"{PREFIX}kind": attributes.kind.value,
    }
    if attributes.subject:
        headers[f"{PREFIX}subject"] = attributes.subject
    return headers


def read_attributes(headers: Mapping[str, object] | None) -> Attributes:
    """Read and check the attributes; raises MessageRefused naming the header that is wrong, never its value."""
    held = headers or {}

    def text(name: str) -> str:
        value = held.get(PREFIX + name)
        if not isinstance(value, str):
            raise MessageRefused(f"header `{PREFIX}{name}` is missing or no text; CloudEvents 1.0 asks for it")
        return value

    def shaped(name: str, pattern: re.Pattern[str]) -> str:
        value = text(name)
        if not pattern.fullmatch(value):
            raise MessageRefused(f"header `{PREFIX}{name}` does not have the form {pattern.pattern}")
        return value

    if text("specversion") != SPEC_VERSION:
        raise MessageRefused(f"header `{PREFIX}specversion` must be {SPEC_VERSION}")
    try:
        kind = MessageKind(text("kind"))
        identity = UUID(text("id"))
        time = text("time")
        offset = datetime.fromisoformat(time).utcoffset()
        sequence = int(text("sequence"))
    except ValueError as error:
        raise MessageRefused("a header of kind, id, time or sequence does not have its form") from error
    if offset is None or sequence < 0:
        raise MessageRefused("the time must have an offset and the sequence must not be negative")
    if text("type") != type_of(kind):
        raise MessageRefused(f"header `{PREFIX}type` must be {type_of(kind)}, as the kind says")
    subject = shaped("subject", _SUBJECT) if f"{PREFIX}subject" in held else ""
    return Attributes(
        identity,
        text("source"),
        kind,
        time,
        subject,
        shaped("agreement", _NAME),
        shaped("agreementversion", _VERSION),
        sequence,
    )
