"""Write the AMQP 0-9-1 frames of one publication (specification sections 4.2.3, 4.2.5.5, 4.2.6). Pure.

pika writes three frames by three system calls and builds each of a dozen headers anew; here a message is one piece
of bytes, so that many go out together. The tests hold the bytes against pika's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from struct import pack

_METHOD, _HEADER, _BODY, _END = 1, 2, 3, b"\xce"
_BASIC, _PUBLISH = 60, 40
_MANDATORY = 1
_FLAGS = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7  # content type, headers, delivery mode, message id
_PERSISTENT = b"\x02"
_FRAME_OVERHEAD = 8


@dataclass(frozen=True, slots=True)
class Publication:
    """Hold one message to publish: always persistent and mandatory. `message_id` is the CloudEvents id."""

    exchange: str
    routing_key: str
    message_id: str
    content_type: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def frames(publication: Publication, channel: int, frame_max: int) -> bytes:
    """Write Basic.Publish, its content header and body frames, for one channel."""
    size = len(publication.body)
    header = b"".join(
        (
            pack(">HHQH", _BASIC, 0, size, _FLAGS),
            _short(publication.content_type),
            _table(publication.headers),
            _PERSISTENT,
            _short(publication.message_id),
        )
    )
    pieces = [_publish(publication.exchange, publication.routing_key, channel), _frame(_HEADER, channel, header)]
    room = frame_max - _FRAME_OVERHEAD
    pieces.extend(_frame(_BODY, channel, publication.body[start : start + room]) for start in range(0, size, room))
    return b"".join(pieces)


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return pack(">BHI", kind, channel, len(payload)) + payload + _END


@lru_cache(maxsize=256)
def _publish(exchange: str, routing_key: str, channel: int) -> bytes:
    arguments = pack(">HHH", _BASIC, _PUBLISH, 0) + _short(exchange) + _short(routing_key) + bytes((_MANDATORY,))
    return _frame(_METHOD, channel, arguments)


@lru_cache(maxsize=1024)
def _short(text: str) -> bytes:
    raw = text.encode()
    return bytes((len(raw),)) + raw


def _table(table: Mapping[str, str]) -> bytes:
    pieces: list[bytes] = []
    for name, text in table.items():
        raw = text.encode()
        pieces += (_short(name), b"S", len(raw).to_bytes(4, "big"), raw)
    joined = b"".join(pieces)
    return len(joined).to_bytes(4, "big") + joined
