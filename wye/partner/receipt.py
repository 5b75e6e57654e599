"""Write and read the signed receipt of one message: what the partner did with which bytes.

Receipts travel as lines of compact JWS, one or many to an AMQP message, so that one confirm covers a batch.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import orjson
from joserfc.jwk import OKPKey

from wye.errors import MessageRefused
from wye.partner.signed import json_object, sign, text_of, verify
from wye.vocabulary import RecallAnswer, ReceiptOutcome

RECEIPTS_CONTENT_TYPE = "application/vnd.wye.receipts+jose"

CHECKPOINTS = "wye-checkpoints"
"""The header of a receipts message that gives back the hub's checkpoints which the partner holds: a JSON list of notes."""


class Refusal(StrEnum):
    """Name why a partner refused a message: a closed list, so that no value of a record slips into a reason."""

    UNOPENED = "unopened"
    UNREADABLE = "unreadable"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold a partner's word on one message. `body_hash` is hex; empty when the message did not open."""

    id: UUID
    body_hash: str
    outcome: ReceiptOutcome
    at: datetime
    sequence: int
    refusal: Refusal | None = None
    answer: RecallAnswer | None = None
    """To a recall: what became of what we held. It may come later than the first receipt, and may change."""


def sign_receipt(receipt: Receipt, key: OKPKey) -> str:
    """Sign a receipt with the partner's Ed25519 key, as compact JWS."""
    content = {
        "id": str(receipt.id),
        "body_hash": receipt.body_hash,
        "outcome": receipt.outcome.value,
        "at": receipt.at.astimezone(UTC).isoformat(),
        "sequence": receipt.sequence,
        "refusal": receipt.refusal.value if receipt.refusal else None,
    }
    if receipt.answer is not None:
        content["answer"] = receipt.answer.value
    return sign(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), "wye-receipt+jws", key)


def read_receipt(jws: str, partner_signing: OKPKey) -> Receipt:
    """Verify a receipt and read it; raises MessageRefused if the partner's key did not sign it or it is malformed."""
    content = json_object(verify(jws, "wye-receipt+jws", partner_signing))
    sequence, refusal, answer = content.get("sequence"), content.get("refusal"), content.get("answer")
    try:
        at = datetime.fromisoformat(text_of(content, "at"))
        receipt = Receipt(
            UUID(text_of(content, "id")),
            text_of(content, "body_hash"),
            ReceiptOutcome(text_of(content, "outcome")),
            at,
            sequence if isinstance(sequence, int) else -1,
            Refusal(str(refusal)) if refusal is not None else None,
            RecallAnswer(str(answer)) if answer is not None else None,
        )
    except ValueError as error:
        raise MessageRefused("a receipt's id, outcome, refusal, answer or time does not have its form") from error
    if at.tzinfo is None or receipt.sequence < 0:
        raise MessageRefused("a receipt needs a time with its offset and the message's sequence")
    if (receipt.outcome is ReceiptOutcome.REFUSED) != (receipt.refusal is not None):
        raise MessageRefused("a receipt gives a refusal when the outcome is refused, and only then")
    return receipt
