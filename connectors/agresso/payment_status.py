"""Read the finance system's payment status file and map its rows.

One row per voucher: `apar_id, ext_inv_ref, amount, status, pay_date, voucher_no, last_update`, kept by finance in the
order of (last_update, voucher_no) and replaced whole by rename, so an open file never changes under its reader.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from schemas.payment import Payment
from wye.ports import BadInput, ContractBroken, SourceBatch, SourceRow, SourceUnavailable, record_id

FILE = "payment_status.csv"
STATES = {"P": "paid", "N": "posted", "R": "rejected"}

Mark = tuple[datetime, int]
START: Mark = (datetime.min.replace(tzinfo=UTC), -1)


def read_header(folder: Path) -> tuple[str, ...]:
    """Tell the columns that the file has; raises SourceUnavailable if it is not there."""
    for fields in _lines(folder):
        return tuple(fields)
    raise ContractBroken(f"agresso: `{FILE}` is empty; it must begin with a header row")


def read_status(folder: Path, cursor: str | None, batch_rows: int) -> Iterator[SourceBatch]:
    """Read the rows after the cursor, in the file's order. The file streams: one batch is in memory."""
    after = _mark_of(cursor)
    last = START
    rows: list[SourceRow] = []
    lines = _lines(folder)
    header = next(lines, None)
    if header is None:
        raise ContractBroken(f"agresso: `{FILE}` is empty; it must begin with a header row")
    for number, fields in enumerate(lines, start=2):
        if len(fields) != len(header):
            raise ContractBroken(
                f"agresso: `{FILE}` row {number} has {len(fields)} fields; its header has {len(header)}"
            )
        values: dict[str, object] = {name: field or None for name, field in zip(header, fields, strict=True)}
        mark = _mark(values, number)
        if mark <= last:
            raise ContractBroken(f"agresso: `{FILE}` row {number} is out of order; sort by last_update and voucher_no")
        last = mark
        if mark <= after:
            continue
        rows.append(SourceRow(str(mark[1]), values, mark[0]))
        if len(rows) == batch_rows:
            yield SourceBatch(tuple(rows), _cursor(mark))
            rows = []
    if rows:
        yield SourceBatch(tuple(rows), _cursor(last))


def map_payment(row: SourceRow, care_system: str) -> Payment:
    """Map one good row. The subject is the care package's row: whose package it is, the road knows."""
    held = row.values
    status = STATES.get(str(held.get("status")))
    if status is None:
        raise BadInput(f"payment has a `status` other than {', '.join(STATES)}")
    try:
        paid_on = datetime.strptime(str(held["pay_date"]), "%Y%m%d").date() if held.get("pay_date") else None  # noqa: DTZ007  a day
        pence = int(str(held["amount"])) if held.get("amount") else None
    except ValueError:
        raise BadInput("payment has a `pay_date` that is no YYYYMMDD day, or an `amount` that is no pence") from None
    reference = str(held["ext_inv_ref"])
    return Payment(
        subject=record_id(care_system, "packages", reference),
        reference=reference,
        amount_pence=pence,
        status=status,
        paid_on=paid_on,
        voucher=row.key,
    )


def _mark(values: dict[str, object], number: int) -> Mark:
    try:
        at = datetime.fromisoformat(str(values["last_update"]))
        voucher = int(str(values["voucher_no"]))
    except (KeyError, ValueError):
        raise ContractBroken(
            f"agresso: `{FILE}` row {number} cannot be placed: it needs `last_update` (ISO 8601) and `voucher_no` (digits)"
        ) from None
    # The finance system writes UTC; some of its reports leave the zone out.
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC), voucher)


def _cursor(mark: Mark) -> str:
    return orjson.dumps({"last_update": mark[0], "voucher_no": mark[1]}, option=orjson.OPT_SORT_KEYS).decode()


def _mark_of(cursor: str | None) -> Mark:
    if cursor is None:
        return START
    try:
        held = orjson.loads(cursor)
        return (datetime.fromisoformat(held["last_update"]), int(held["voucher_no"]))
    except (ValueError, KeyError, TypeError):
        raise ContractBroken("cursor of `agresso` is not one that this connector wrote: read from the start") from None


def _lines(folder: Path) -> Iterator[list[str]]:
    path = folder / FILE
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            yield from csv.reader(file, strict=True)
    except csv.Error:
        raise ContractBroken(
            f"agresso: `{FILE}` is no whole CSV: a quoted field is left open or badly closed"
        ) from None
    except OSError as error:
        raise SourceUnavailable(
            f"agresso: `{FILE}` cannot be read ({type(error).__name__}); check the setting `status_folder`"
        ) from None
