"""Open what comes by our feeds with the session keys that we hold; what does not open is noted, and owed a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from wye.errors import MessageRefused
from wye.partner.attributes import PREFIX, read_attributes
from wye.partner.config import Config
from wye.partner.envelope_reader import body_hash, open_key_message, open_message
from wye.partner.key_pairs import Party, read_public
from wye.partner.plan import Opened
from wye.partner.receipt import Receipt, Refusal
from wye.vocabulary import MessageKind, ReceiptOutcome


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hold one message as it came, with the feed it came by."""

    tag: int
    agreement: str
    headers: Mapping[str, object]
    body: bytes


@dataclass(slots=True)
class Batch:
    """Hold what a batch of deliveries opened to; `unopened` as (hash of the bytes, agreement, claimed id, reason)."""

    opened: list[Opened] = field(default_factory=list)
    unopened: list[tuple[str, str, str, str]] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    keys: dict[tuple[str, str], bytes] = field(default_factory=dict)


class Opening:
    """Open deliveries by the keys of a configuration's feeds."""

    def __init__(self, config: Config, party: Party) -> None:
        self.feeds = {feed.agreement: feed for feed in config.feeds}
        self._party = party
        self._hub = read_public(config.hub)
        self._keys: dict[tuple[str, str], bytes] = {}

    def know(self, keys: Mapping[tuple[str, str], bytes]) -> None:
        """Take the session keys held, by (agreement, kid), instead of those known before."""
        self._keys = dict(keys)

    def open(self, deliveries: Sequence[Delivery], at: datetime) -> Batch:
        """Open each delivery; keys first serve the messages behind them in the same batch."""
        batch = Batch()
        for delivery in deliveries:
            try:
                if delivery.headers.get(f"{PREFIX}kind") == MessageKind.KEY:
                    self._open_key(delivery, batch)
                else:
                    batch.opened.append(self.open_message(delivery.agreement, delivery.headers, delivery.body))
            except MessageRefused as error:
                claimed = self._receipt_unopened(delivery, batch, at)
                hash_ = sha256(delivery.body).hexdigest()
                batch.unopened.append((hash_, delivery.agreement, claimed, str(error)))
        return batch

    def _open_key(self, delivery: Delivery, batch: Batch) -> None:
        found = open_key_message(
            delivery.body,
            delivery.headers,
            self._party.encryption,
            self._hub.signing,
            agreement=delivery.agreement,
            recipient=self._party.name,
        )
        self._keys[found.agreement, found.kid] = batch.keys[found.agreement, found.kid] = found.key

    def open_message(self, agreement: str, headers: Mapping[str, object], body: bytes) -> Opened:
        """Open one message of a feed; raises MessageRefused."""
        message = open_message(
            body,
            headers,
            {kid: key for (owner, kid), key in self._keys.items() if owner == agreement},
            agreement=agreement,
            hub_signing=self._hub.signing,
            signature_required=self.feeds[agreement].signature_required,
        )
        return Opened(message, headers, body, body_hash(message.body))

    @staticmethod
    def _receipt_unopened(delivery: Delivery, batch: Batch, at: datetime) -> str:
        """Owe a refusal to the id that the headers claim, if they claim one."""
        try:
            claimed = read_attributes(delivery.headers)
        except MessageRefused:
            return ""
        batch.receipts.append(Receipt(claimed.id, "", ReceiptOutcome.REFUSED, at, claimed.sequence, Refusal.UNOPENED))
        return str(claimed.id)
