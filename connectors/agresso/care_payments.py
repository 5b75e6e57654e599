"""Turn payments for care into the vouchers of a GL07 batch: pure.

A voucher is one payment: a ledger line (GL, debit, +) against the cost of care and a supplier line (AP, credit, -) of
the same amount, so every voucher and the batch add up to nothing. Most sensitive class: personal (a care package's
number and words about it).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from connectors.agresso.gl07 import Value, write_record
from wye.ports import BadInput

MOST_PENCE = 100_000_000
"""A million pounds: no single payment for one person's care comes near; a larger one is a slip of the pence."""
DEBIT, CREDIT = 1, -1
BATCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,24}")


@dataclass(frozen=True, slots=True)
class Coding:
    """Hold the finance system's own codes for care payments; each council's chart of accounts differs."""

    interface: str = "WYE"
    voucher_type: str = "PI"
    client: str = "AC"
    account: str = "43100"
    tax_code: str = "0"
    tax_system: str = "UK"
    responsible: str = "WYE"


@dataclass(frozen=True, slots=True)
class CarePayment:
    """Be one payment to a provider, as the road hands it over."""

    reference: str
    provider_reference: str
    provider: str
    amount_pence: int
    period: str
    description: str
    due_on: date
    item: str


def check_batch_name(batch: str) -> None:
    """Refuse a name that is no `batch_id` of 25 characters or no safe file name."""
    if not BATCH_NAME.fullmatch(batch):
        raise BadInput(f"batch name `{batch}` must be 1 to 25 letters, digits, `-` or `_`, the first no sign")


def read_payments(items: Sequence[Mapping[str, object]]) -> list[CarePayment]:
    """Check every item; raises BadInput with the item's place (from 1) and field, never its value."""
    if not items:
        raise BadInput("a batch of care payments needs at least one payment")
    payments = [_read(place, item) for place, item in enumerate(items, start=1)]
    seen: dict[str, int] = {}
    for place, payment in enumerate(payments, start=1):
        if payment.item in seen:
            raise BadInput(
                f"payment {place}: `item` stands already at payment {seen[payment.item]}; pay each item once"
            )
        seen[payment.item] = place
    return payments


def records(payments: Sequence[CarePayment], batch: str, coding: Coding) -> Iterator[bytes]:
    """Write the records of the batch, two to a voucher, in the order of the payments."""
    for voucher, payment in enumerate(payments, start=1):
        for values in _voucher(payment, batch, coding, voucher):
            try:
                yield write_record(values)
            except BadInput as refused:
                raise BadInput(f"payment {voucher}: {refused}") from None


def _voucher(payment: CarePayment, batch: str, coding: Coding, voucher: int) -> Iterator[dict[str, Value]]:
    shared: dict[str, Value] = {
        "batch_id": batch,
        "interface": coding.interface,
        "voucher_type": coding.voucher_type,
        "client": coding.client,
        "tax_code": coding.tax_code,
        "tax_system": coding.tax_system,
        "currency": "GBP",
        "description": payment.description,
        # The hub has no clock here: a care payment is dated on the day it falls due.
        "trans_date": payment.due_on,
        "voucher_date": payment.due_on,
        "voucher_no": voucher,
        "period": int(payment.period),
        "ext_inv_ref": payment.reference,
        "ext_ref": payment.item,
    }
    debit, credit = payment.amount_pence, -payment.amount_pence
    yield shared | {
        "trans_type": "GL",
        "account": coding.account,
        "dc_flag": DEBIT,
        "cur_amount": debit,
        "amount": debit,
        "sequence_ref": 1,
    }
    yield shared | {
        "trans_type": "AP",
        "dc_flag": CREDIT,
        "cur_amount": credit,
        "amount": credit,
        "due_date": payment.due_on,
        "apar_type": "P",
        "apar_id": payment.provider_reference,
        "sequence_ref": 2,
        "responsible": coding.responsible,
        "apar_name": payment.provider,
    }


def _read(place: int, item: Mapping[str, object]) -> CarePayment:
    return CarePayment(
        reference=_text(place, item, "reference"),
        provider_reference=_text(place, item, "provider_reference"),
        provider=_text(place, item, "provider"),
        amount_pence=_pence(place, item),
        period=_period(place, item),
        description=_text(place, item, "description"),
        due_on=_day(place, item, "due_on"),
        item=_identifier(place, item),
    )


def _text(place: int, item: Mapping[str, object], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"payment {place}: `{name}` must be text and not empty")
    return value


def _pence(place: int, item: Mapping[str, object]) -> int:
    value = item.get("amount_pence")
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PENCE:
        raise BadInput(f"payment {place}: `amount_pence` must be a whole number of pence from 1 to {MOST_PENCE}")
    return value


def _period(place: int, item: Mapping[str, object]) -> str:
    value = str(item.get("period", ""))
    if not re.fullmatch(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])", value):
        raise BadInput(f"payment {place}: `period` must be a year and month as YYYYMM")
    return value


def _day(place: int, item: Mapping[str, object], name: str) -> date:
    value = item.get(name)
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-01-31") else "")
    except ValueError:
        raise BadInput(f"payment {place}: `{name}` must be a day as YYYY-MM-DD") from None


def _identifier(place: int, item: Mapping[str, object]) -> str:
    try:
        return str(UUID(_text(place, item, "item")))
    except ValueError:
        raise BadInput(f"payment {place}: `item` must be a UUID") from None
