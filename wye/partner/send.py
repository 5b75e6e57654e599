"""Send messages to the hub: signed by us, encrypted to the hub, each body once by its id."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import orjson
from joserfc.jwk import OKPKey

from wye.errors import UsageError
from wye.partner import rows as sql
from wye.partner.attributes import CONTENT_TYPE, Attributes, check_same, read_attributes, to_headers
from wye.partner.broker import open_channel, publish
from wye.partner.config import Config
from wye.partner.envelope_reader import encrypt_to
from wye.partner.key_pairs import load_party, read_public
from wye.partner.rows import OutgoingRow
from wye.partner.signed import sign
from wye.vocabulary import MessageKind

__all__ = ["add_lines", "seal_inbound", "send"]

BATCH = 200
_MEMBERS = {"id", "agreement", "version", "media_type", "body"}


def seal_inbound(
    attributes: Attributes, media_type: str, body: bytes, *, recipient: str, signing: OKPKey, hub_encryption: OKPKey
) -> bytes:
    """Sign a body with our key and encrypt it to the hub's: pure."""
    content = attributes.content() | {"recipient": recipient, "media_type": media_type, "body": body.decode()}
    check_same(read_attributes(to_headers(attributes)), content, attributes.agreement)
    return encrypt_to(sign(orjson.dumps(content), "wye-inbound+jws", signing), hub_encryption)


def add_lines(config: Config, lines: Iterable[bytes], at: datetime) -> int:
    """Put JSON lines into the outgoing table and count them; raises UsageError naming the line that is wrong.

    A line has id (UUID), agreement, version, media_type, body (text, or JSON that is written as text) and may have
    subject. An id that is there already is not added again.
    """
    rows = [_row(config, line, number) for number, line in enumerate(lines, start=1) if line.strip()]
    with sql.connect(config.database_url) as conn, conn.transaction():
        sql.add_outgoing(conn, rows, at)
    return len(rows)


def send(config: Config, at: datetime) -> int:
    """Send what waits in the outgoing table, in its order, and count it. Raises BrokerUnavailable; run again.

    Each message is confirmed before it is noted as sent: one that died in between is sent again, with the same id.
    """
    party, hub = load_party(config.home), read_public(config.hub)
    sent = 0
    with sql.connect(config.database_url) as conn, open_channel(config.amqp_url) as channel:
        while batch := sql.unsent(conn, BATCH):
            done: list[UUID] = []
            try:
                for row in batch:
                    attributes = _attributes(row, party.name)
                    body = seal_inbound(
                        attributes,
                        row.media_type,
                        row.body.encode(),
                        recipient=hub.name,
                        signing=party.signing,
                        hub_encryption=hub.encryption,
                    )
                    publish(channel, f"inbound.{row.agreement}", body, CONTENT_TYPE, to_headers(attributes))
                    done.append(row.id)
            finally:
                sql.mark_sent(conn, done, at)
            sent += len(done)
    return sent


def _attributes(row: OutgoingRow, name: str) -> Attributes:
    return Attributes(
        row.id,
        f"/{name}/{row.agreement}",
        MessageKind.PUT,
        row.created_at.isoformat(),
        row.subject,
        row.agreement,
        row.version,
        row.number,
    )


def _row(config: Config, line: bytes, number: int) -> tuple[UUID, str, str, str, str, str]:
    try:
        content = orjson.loads(line)
        if not isinstance(content, dict) or set(content) - {"subject"} != _MEMBERS:
            raise ValueError  # noqa: TRY301  one sentence for every way to be wrong
        body = content["body"]
        text = body if isinstance(body, str) else orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()
        subject, agreement = str(content.get("subject", "")), str(content["agreement"])
        row = (UUID(content["id"]), agreement, str(content["version"]), subject, str(content["media_type"]), text)
    except (ValueError, TypeError, AttributeError):
        # The parser's error carries the line: it is not chained.
        raise UsageError(
            f"line {number} is not right: give one JSON object with {', '.join(sorted(_MEMBERS))}, and no other but subject"
        ) from None
    if agreement not in config.inbound:
        raise UsageError(f"line {number}: `{agreement}` is not among the configuration's `inbound` agreements")
    return row
