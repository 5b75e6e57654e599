"""Read a GL07 batch by absolute positions and refuse one that is not right in every byte.

A refusal names the record, the field and what is wrong, never a value.
"""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import orjson

RECORD = 2060
CONTROL = re.compile(r"rows=(\d+)\ndebits=(\d+)\ncredits=(\d+)\nsha256=([0-9a-f]{64})\n")
CONTROLS = re.compile(rb"[\x00-\x1f\x7f-\x9f]")


class Refused(Exception):
    """Say why finance does not take a batch."""


@dataclass(frozen=True, slots=True)
class Position:
    """Be one field by its first and last position, counted from 1."""

    name: str
    first: int
    last: int
    type: str
    mandatory_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invoice:
    """Be one supplier line of a batch that stood every check."""

    apar_id: str
    ext_inv_ref: str
    period: str
    pence: int


@cache
def positions() -> tuple[Position, ...]:
    """Read the table of positions."""
    held = orjson.loads(Path(__file__).with_name("positions.json").read_bytes())
    return tuple(Position(p["name"], p["from"], p["to"], p["type"], tuple(p["mandatory_for"])) for p in held)


def read_batch(data: bytes, control: str, batch: str) -> list[Invoice]:
    """Check the batch against its control file and the layout; raises Refused at the first fault."""
    wanted = CONTROL.fullmatch(control)
    if not wanted:
        raise Refused("the control file is not four lines rows, debits, credits, sha256")
    if hashlib.sha256(data).hexdigest() != wanted[4]:
        raise Refused("the data file is not the one that the control file was written for")
    if len(data) % (RECORD + 1):
        raise Refused("the data file is no whole number of records of 2,060 bytes and a line feed")
    lines = [read_record(data[at : at + RECORD + 1], at // (RECORD + 1) + 1) for at in range(0, len(data), RECORD + 1)]
    if len(lines) != int(wanted[1]):
        raise Refused("the number of records is not the control file's")
    _check_totals(lines, int(wanted[2]), int(wanted[3]))
    for number, line in enumerate(lines, start=1):
        if line["batch_id"] != batch:
            raise Refused(f"record {number}: batch_id is not the name of the file")
    return [
        Invoice(line["apar_id"], line["ext_inv_ref"], line["period"], -int(line["amount"]))
        for line in lines
        if line["trans_type"] == "AP"
    ]


def read_record(record: bytes, number: int) -> dict[str, str]:
    """Read one record with its line feed into its fields without padding; raises Refused."""
    if len(record) != RECORD + 1 or record[-1:] != b"\n":
        raise Refused(f"record {number}: it does not end with a line feed after 2,060 bytes")
    if CONTROLS.search(record[:-1]):
        raise Refused(f"record {number}: it holds a control character")
    text = record.decode("latin-1")
    line: dict[str, str] = {}
    for field in positions():
        held = text[field.first - 1 : field.last]
        value = held.rstrip(" ")
        if value.startswith(" "):
            raise Refused(f"record {number}: {field.name} does not begin at position {field.first}")
        _check_type(field, value, number)
        line[field.name] = value
    kind = line["trans_type"]
    if kind not in {"AP", "GL"}:
        raise Refused(f"record {number}: trans_type is neither AP nor GL")
    for field in positions():
        if kind in field.mandatory_for and not line[field.name]:
            raise Refused(f"record {number}: {field.name} is empty")
    _check_amounts(line, number)
    return line


def _check_type(field: Position, value: str, number: int) -> None:
    if not value or field.type.startswith("c"):
        return
    if field.type == "date":
        try:
            good = bool(re.fullmatch("[0-9]{8}", value) and datetime.strptime(value, "%Y%m%d"))  # noqa: DTZ007  a day
        except ValueError:
            good = False
        if not good:
            raise Refused(f"record {number}: {field.name} is no day YYYYMMDD")
    elif not re.fullmatch("-?[0-9]+", value):
        raise Refused(f"record {number}: {field.name} is no whole number with a leading sign")


def _check_amounts(line: dict[str, str], number: int) -> None:
    if not line["amount"] or line["amount"] != line["cur_amount"]:
        raise Refused(f"record {number}: amount and cur_amount differ or are empty")
    debit = int(line["amount"]) > 0
    if int(line["amount"]) == 0 or line["dc_flag"] != ("1" if debit else "-1") or debit != (line["trans_type"] == "GL"):
        raise Refused(f"record {number}: the sign of amount, dc_flag and trans_type do not agree")
    if not re.fullmatch("[0-9]{4}(0[1-9]|1[0-2])", line["period"]):
        raise Refused(f"record {number}: period is no YYYYMM")
    if not line["voucher_no"]:
        raise Refused(f"record {number}: voucher_no is empty")


def _check_totals(lines: list[dict[str, str]], debits: int, credit: int) -> None:
    vouchers: dict[str, int] = defaultdict(int)
    for line in lines:
        vouchers[line["voucher_no"]] += int(line["amount"])
    for voucher, balance in vouchers.items():
        if balance:
            raise Refused(f"voucher {voucher}: it does not balance")
    if sum(int(line["amount"]) for line in lines if line["trans_type"] == "GL") != debits:
        raise Refused("the debits are not the control file's")
    if -sum(int(line["amount"]) for line in lines if line["trans_type"] == "AP") != credit:
        raise Refused("the credits are not the control file's")
