"""Write one record of Agresso's batch input GL07: 66 fixed-width fields, exactly 2,060 characters.

Read from the Agresso 5.5 layout as public code records it. What the layout leaves open, and how it is settled here:
every field starts at its first position and is padded with spaces on its right, numbers too (so does the one public
producer of this file); a negative number carries its minus sign in front and a positive one carries none; money is in
pence; days are YYYYMMDD; a field without value is blank. One character is one byte: ISO 8859-1.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from wye.ports import BadInput

LENGTH = 2060
END = b"\n"


class Kind(Enum):
    """Say how a field's value is written."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"


TEXT, NUMBER, DAY = Kind.TEXT, Kind.NUMBER, Kind.DAY
SUPPLIER = frozenset({"AP"})
LEDGER = frozenset({"GL"})
ALL = SUPPLIER | LEDGER


@dataclass(frozen=True, slots=True)
class Field:
    """Be one field: its width in characters, and the transaction types that cannot do without it."""

    name: str
    kind: Kind
    width: int
    mandatory_for: frozenset[str] = frozenset()


FIELDS: tuple[Field, ...] = (
    Field("batch_id", TEXT, 25, ALL),
    Field("interface", TEXT, 25, ALL),
    Field("voucher_type", TEXT, 25, ALL),
    Field("trans_type", TEXT, 2, ALL),
    Field("client", TEXT, 25, ALL),
    Field("account", TEXT, 25, LEDGER),
    Field("dim_1", TEXT, 25),
    Field("dim_2", TEXT, 25),
    Field("dim_3", TEXT, 25),
    Field("dim_4", TEXT, 25),
    Field("dim_5", TEXT, 25),
    Field("dim_6", TEXT, 25),
    Field("dim_7", TEXT, 25),
    Field("tax_code", TEXT, 25, ALL),
    Field("tax_system", TEXT, 25, ALL),
    Field("currency", TEXT, 25),
    Field("dc_flag", NUMBER, 2),
    Field("cur_amount", NUMBER, 20),
    Field("amount", NUMBER, 20),
    Field("number_1", NUMBER, 11),
    Field("value_1", NUMBER, 20),
    Field("value_2", NUMBER, 20),
    Field("value_3", NUMBER, 20),
    Field("description", TEXT, 255),
    Field("trans_date", DAY, 8),
    Field("voucher_date", DAY, 8, ALL),
    Field("voucher_no", NUMBER, 15),
    Field("period", NUMBER, 6),
    Field("tax_id", TEXT, 1),
    Field("ext_inv_ref", TEXT, 100, SUPPLIER),
    Field("ext_ref", TEXT, 255),
    Field("due_date", DAY, 8, SUPPLIER),
    Field("disc_date", DAY, 8),
    Field("discount", NUMBER, 20),
    Field("commitment", TEXT, 25),
    Field("order_id", NUMBER, 15),
    Field("kid", TEXT, 27),
    Field("pay_transfer", TEXT, 2),
    Field("status", TEXT, 1),
    Field("apar_type", TEXT, 1, SUPPLIER),
    Field("apar_id", TEXT, 25, SUPPLIER),
    Field("pay_flag", NUMBER, 1),
    Field("voucher_ref", NUMBER, 15),
    Field("sequence_ref", NUMBER, 9),
    Field("intrule_id", TEXT, 25),
    Field("factor_short", TEXT, 25),
    Field("responsible", TEXT, 25, SUPPLIER),
    Field("apar_name", TEXT, 255),
    Field("address", TEXT, 160),
    Field("province", TEXT, 40),
    Field("place", TEXT, 40),
    Field("bank_account", TEXT, 35),
    Field("pay_method", TEXT, 2),
    Field("vat_reg_no", TEXT, 25),
    Field("zip_code", TEXT, 15),
    Field("curr_licence", TEXT, 3),
    Field("account2", TEXT, 25),
    Field("base_amount", NUMBER, 20),
    Field("base_curr", NUMBER, 20),
    Field("pay_temp_id", TEXT, 4),
    Field("allocation_key", NUMBER, 3),
    Field("period_no", NUMBER, 2),
    Field("clearing_code", TEXT, 13),
    Field("swift", TEXT, 11),
    Field("arrive_id", NUMBER, 15),
    Field("bank_acc_type", TEXT, 2),
)
"""INVARIANT: order and widths are the layout; the widths add up to 2,060."""

NAMES = frozenset(field.name for field in FIELDS)

SPELT = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "...",
        "\u20ac": "EUR", "\u0141": "L", "\u0142": "l", "\u0110": "D", "\u0111": "d", "\u0152": "OE", "\u0153": "oe",
        "\u0131": "i",
    }
)  # fmt: skip
"""Characters outside ISO 8859-1 that have one usual spelling inside it; accents beyond it are dropped by rule."""

Value = str | int | date


def write_record(values: Mapping[str, Value]) -> bytes:
    """Write one record without its line end; raises BadInput naming the field, never its value."""
    strange = values.keys() - NAMES
    if strange:
        raise BadInput(f"GL07 has no field `{min(strange)}`")
    kind = values.get("trans_type", "")
    record = b"".join(_write_field(field, values.get(field.name, ""), kind in field.mandatory_for) for field in FIELDS)
    if len(record) != LENGTH:
        raise BadInput(f"GL07 record is {len(record)} bytes long; it must be {LENGTH}")
    return record


def _write_field(field: Field, value: Value, mandatory: bool) -> bytes:  # noqa: FBT001  one private caller
    text = _WRITERS[field.kind](field.name, value) if value != "" else ""
    if mandatory and not text:
        raise BadInput(f"GL07 field `{field.name}` is empty; this transaction type needs it")
    if len(text) > field.width:
        raise BadInput(f"GL07 field `{field.name}` is longer than its {field.width} characters")
    return text.ljust(field.width).encode("latin-1")


def _number(name: str, value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(f"GL07 field `{name}` must be a whole number")
    return str(value)


def _day(name: str, value: Value) -> str:
    if not isinstance(value, date):
        raise BadInput(f"GL07 field `{name}` must be a day")
    return f"{value.year:04}{value.month:02}{value.day:02}"


def _text(name: str, value: Value) -> str:
    if not isinstance(value, str):
        raise BadInput(f"GL07 field `{name}` must be text")
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip(" ")
    text = unicodedata.normalize("NFC", re.sub(r"[\t\r\n\u00a0 ]+", " ", value).strip(" ")).translate(SPELT)
    if not _writable(text):
        text = "".join(c if _writable(c) else _without_accents(c) for c in text)
    if not _writable(text):
        raise BadInput(f"GL07 field `{name}` holds a character that ISO 8859-1 cannot write; spell it in Latin letters")
    return text


def _without_accents(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))


def _writable(text: str) -> bool:
    return all(c <= "\u00ff" and not unicodedata.category(c).startswith("C") for c in text)


_WRITERS = {Kind.TEXT: _text, Kind.NUMBER: _number, Kind.DAY: _day}
