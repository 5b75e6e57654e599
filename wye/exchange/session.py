"""Make, hand over and rotate the session key of a feed.

The key message is published and confirmed before any message under the key, on the same queue: the partner always
has the key first. Keys rest sealed; how, is the caller's (wye.keys): it is handed in.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from joserfc.jwk import OKPKey

from wye.exchange import rows as sql
from wye.exchange.amqp_frames import Publication
from wye.exchange.envelope import MessageSealer, seal_key
from wye.exchange.rows import SessionKeyRow
from wye.exchange.topology import feed_queue
from wye.partner.attributes import CONTENT_TYPE, Attributes, to_headers
from wye.partner.envelope_reader import KEY_BYTES, thumbprint
from wye.partner.key_pairs import Party, PublicParty
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import MessageKind

MOST_MESSAGES = 2**24
"""Random 96-bit nonces: 2^24 messages keep a repeat under 2^-49 (NIST SP 800-38D section 8.3 allows 2^32 at 2^-32)."""
LONGEST_LIFE = timedelta(days=7)
KEY_VERSION = "0"

Seal = Callable[[UUID, UUID, bytes], bytes]
"""Seal bytes under a key of their own: (value, holder, bytes) -> sealed."""
Unseal = Callable[[UUID, bytes], bytes]
"""Open sealed bytes: (value, sealed) -> bytes."""


class Publishes(Protocol):
    """Be a publisher: returns once the broker has confirmed all, raises MessagesNotTaken."""

    def publish_batch(self, messages: Sequence[Publication]) -> None:
        """Publish the messages in order."""
        ...


@dataclass(frozen=True, slots=True)
class Feed:
    """Hold what is fixed of one agreement's feed to one partner."""

    agreement: str
    partner: PublicParty
    hub: Party
    seal: Seal
    unseal: Unseal
    sign_each: bool = False
    """Whether the agreement asks for the hub's signature on each message."""
    most_messages: int = MOST_MESSAGES
    longest_life: timedelta = LONGEST_LIFE

    @property
    def source(self) -> str:
        """Name the hub as CloudEvents source: a URI reference."""
        return f"/{self.hub.name}/{self.agreement}"


def rfc3339(at: datetime) -> str:
    """Write an instant as RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def publication(feed: Feed, attributes: Attributes, body: bytes) -> Publication:
    """Address a sealed body to the feed's queue, through the default exchange."""
    return Publication("", feed_queue(feed.agreement), str(attributes.id), CONTENT_TYPE, to_headers(attributes), body)


def session(conn: Connection, publisher: Publishes, feed: Feed, at: datetime, messages: int) -> MessageSealer:
    """Give the sealer for up to `messages` more messages; makes and hands over a new key if one is due.

    Count what is really sealed with `rows.count_messages`, before sealing it. Hold the relay lock of the agreement. Raises BrokerUnavailable if the key cannot be handed over; it is tried again
    with the same key.
    """
    signing: OKPKey | None = feed.hub.signing if feed.sign_each else None
    row = sql.current_key(conn, feed.agreement, feed.partner.name)
    if row is None or row.messages + messages > feed.most_messages or at - row.created_at >= feed.longest_life:
        row, key = _new_key(conn, feed, at)
    else:
        key = feed.unseal(row.value, row.sealed)
    if row.announced_at is None:
        publisher.publish_batch([_key_message(feed, key, row.created_at)])
        sql.mark_announced(conn, row.kid, at)
    return MessageSealer(key, signing)


def _new_key(conn: Connection, feed: Feed, at: datetime) -> tuple[SessionKeyRow, bytes]:
    key, value = secrets.token_bytes(KEY_BYTES), uuid7()
    with conn.transaction():
        row = SessionKeyRow(thumbprint(key), feed.seal(value, value, key), value, at, None, 0)
        sql.add_key(conn, row, feed.agreement, feed.partner.name)
    return row, key


def _key_message(feed: Feed, key: bytes, at: datetime) -> Publication:
    attributes = Attributes(uuid7(), feed.source, MessageKind.KEY, rfc3339(at), "", feed.agreement, KEY_VERSION, 0)
    return publication(feed, attributes, seal_key(key, feed.agreement, at, feed.hub, feed.partner))
