"""Collect complete batches, post them to a ledger, and keep the payment status file that others read."""

import csv
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from connectors.agresso.counterpart.batch import Invoice, Refused, read_batch

COLUMNS = ("apar_id", "ext_inv_ref", "amount", "status", "pay_date", "voucher_no", "last_update")
FIRST_VOUCHER = 1_000_001


@dataclass(slots=True)
class Finance:
    """Be the finance system over one folder: `in/` for batches, `out/` for the status, `done/`, and `ledger.jsonl`.

    The ledger is the truth: the status file is what the payments made before (`start`) and the ledger add up to, so
    a stop at any point is mended by the next start.
    """

    home: Path
    start: Path
    clock: Callable[[], datetime]
    _rows: list[dict[str, str]] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _invoices: set[tuple[str, str, str]] = field(default_factory=set)

    def open(self) -> None:
        """Make the folders, read the ledger and write the status file."""
        for folder in (self.inbox, self.outbox, self.home / "done"):
            folder.mkdir(parents=True, exist_ok=True)
        self._rows = list(_read_start(self.start))
        if self._ledger.exists():
            held = self._ledger.read_bytes()
            whole = held[: held.rfind(b"\n") + 1]  # what follows was being written when we stopped
            for line in whole.splitlines():
                self._take(orjson.loads(line))
            os.truncate(self._ledger, len(whole))
        self._write_status()

    @property
    def inbox(self) -> Path:
        """Say where batches arrive."""
        return self.home / "in"

    @property
    def outbox(self) -> Path:
        """Say where the payment status is."""
        return self.home / "out"

    @property
    def _ledger(self) -> Path:
        return self.home / "ledger.jsonl"

    def collect(self) -> int:
        """Take each complete batch that is not in the ledger yet; tells how many were taken or refused."""
        taken = 0
        for control in sorted(self.inbox.glob("*.ctl")):
            data = control.with_suffix(".dat")
            if control.stem not in self._names and data.exists():
                self._post(control.stem, data.read_bytes(), control.read_text("ascii", errors="replace"))
                taken += 1
            if control.stem in self._names and data.exists():
                data.replace(self.home / "done" / data.name)
        return taken

    def _post(self, batch: str, data: bytes, control: str) -> None:
        try:
            invoices, refusal = read_batch(data, control, batch), ""
        except Refused as refused:
            invoices, refusal = [], str(refused)
        entry: dict[str, object] = {"batch": batch, "refusal": refusal, "rows": list(self._pay(invoices))}
        entry["invoices"] = [[i.apar_id, i.ext_inv_ref, i.period] for i in invoices]
        with self._ledger.open("ab") as file:
            file.write(orjson.dumps(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._take(entry)
        if refusal:
            (self.outbox / f"{batch}.refused").write_text(f"{refusal}\n", "ascii")
        self._write_status()

    def _pay(self, invoices: list[Invoice]) -> Iterator[dict[str, str]]:
        """Pay each invoice; reject one that repeats a supplier, package and period already paid."""
        # Never before what is reported already: readers ask for what changed after the last row they saw.
        at = self.clock()
        if self._rows:
            at = max(at, _moment(self._rows[-1]) + timedelta(milliseconds=1))
        voucher = max((int(row["voucher_no"]) for row in self._rows), default=FIRST_VOUCHER - 1)
        paid = set(self._invoices)
        for number, invoice in enumerate(invoices, start=voucher + 1):
            name = (invoice.apar_id, invoice.ext_inv_ref, invoice.period)
            status = "R" if name in paid else "P"
            paid.add(name)
            yield {
                "apar_id": invoice.apar_id,
                "ext_inv_ref": invoice.ext_inv_ref,
                "amount": str(invoice.pence),
                "status": status,
                "pay_date": at.strftime("%Y%m%d") if status == "P" else "",
                "voucher_no": str(number),
                "last_update": at.isoformat(timespec="milliseconds"),
            }

    def _take(self, entry: dict[str, object]) -> None:
        self._names.add(str(entry["batch"]))
        rows, invoices = entry["rows"], entry["invoices"]
        if isinstance(rows, list) and isinstance(invoices, list):
            self._rows.extend(rows)
            self._invoices.update((a, b, c) for a, b, c in invoices)

    def _write_status(self) -> None:
        self._rows.sort(key=lambda row: (_moment(row), int(row["voucher_no"])))
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        part = self.outbox / ".payment_status.csv"
        with part.open("wb") as file:
            file.write(text.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.outbox / "payment_status.csv")


def _moment(row: dict[str, str]) -> datetime:
    at = datetime.fromisoformat(row["last_update"])
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _read_start(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from ({name: row[name] for name in COLUMNS} for row in csv.DictReader(file, strict=True))
