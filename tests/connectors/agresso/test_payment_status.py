"""Show that the payment status is read from any cursor as if read whole, mapped, and refused when broken."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.agresso import Agresso
from schemas.payment import Payment
from wye.ports import BadInput, Connector, ContractBroken, Reads, SourceRow, SourceUnavailable, Writes, record_id
from wye.quality.check import check_rows
from wye.quality.contract import load_contract

HEADER = "apar_id,ext_inv_ref,amount,status,pay_date,voucher_no,last_update\n"
ROWS = [f"S{n},{700 + n},{100 * n},P,20261101,{n},2026-11-0{1 + n // 4}T09:00:00Z\n" for n in range(1, 10)]


def agresso(folder: Path, *rows: str, header: str = HEADER) -> Agresso:
    (folder / "payment_status.csv").write_text(header + "".join(rows))
    return Agresso({"status_folder": str(folder), "drop_folder": str(folder)})


def test_agresso_stands_behind_the_ports(tmp_path: Path):
    connector = agresso(tmp_path)

    assert isinstance(connector, Reads)
    assert isinstance(connector, Writes)
    assert (connector.name, connector.streams()) == ("agresso", ("payments",))
    known: Connector = connector
    assert known.contract.name == "contract.odcs.yaml"


@pytest.mark.parametrize("batch_rows", [1, 2, 4, 100])
def test_read_resumed_after_every_batch_equals_a_full_read(tmp_path: Path, batch_rows: int):
    connector = agresso(tmp_path, *ROWS)
    whole = [row for batch in connector.read("payments", None, 100) for row in batch.rows]

    cursor, found = None, []
    while batch := next(iter(connector.read("payments", cursor, batch_rows)), None):
        found += batch.rows
        cursor = batch.cursor

    assert found == whole
    assert [row.key for row in found] == [str(n) for n in range(1, 10)]
    assert found[0].observed_at == datetime(2026, 11, 1, 9, tzinfo=UTC)


def test_read_after_a_change_gives_only_the_change(tmp_path: Path):
    last = list(agresso(tmp_path, *ROWS).read("payments", None, 100))[-1].cursor
    connector = agresso(tmp_path, *ROWS[1:], "S1,701,100,R,,1,2026-11-09T09:00:00Z\n")

    found = [row for batch in connector.read("payments", last, 100) for row in batch.rows]

    assert [(row.key, row.values["status"], row.values["pay_date"]) for row in found] == [("1", "R", None)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ROWS[1], ROWS[0]], "row 3 is out of order"),
        ([ROWS[0], ROWS[0]], "row 3 is out of order"),
        (["S1,701,100\n"], "row 2 has 3 fields; its header has 7"),
        (['S1,"701,100,P,20261101,1,2026-11-01\n'], "left open"),
        (["S1,701,100,P,20261101,1,yesterday\n"], "row 2 cannot be placed"),
    ],
)
def test_read_broken_file_names_the_row(tmp_path: Path, rows: list[str], said: str):
    with pytest.raises(ContractBroken, match=said):
        list(agresso(tmp_path, *rows).read("payments", None, 100))


def test_read_without_file_or_header_says_so(tmp_path: Path):
    with pytest.raises(SourceUnavailable, match="status_folder"):
        list(Agresso({"status_folder": str(tmp_path)}).read("payments", None, 100))
    with pytest.raises(ContractBroken, match="header"):
        list(agresso(tmp_path, header="").read("payments", None, 100))
    with pytest.raises(ContractBroken, match="`payments`"):
        agresso(tmp_path).read("people", None, 100)


def test_check_and_discover_tell_what_is_there(tmp_path: Path):
    connector = agresso(tmp_path, *ROWS, header=HEADER.replace("last_update", "last_update,new_column"))

    connector.check()

    assert "new_column" in connector.discover("payments")


@pytest.mark.parametrize(
    ("status", "expected", "paid"), [("P", "paid", "20261101"), ("N", "posted", None), ("R", "rejected", None)]
)
def test_map_status_row_is_a_payment_of_the_package(tmp_path: Path, status: str, expected: str, paid: str | None):
    values = {"apar_id": "S1", "ext_inv_ref": "701", "amount": "41250", "status": status, "pay_date": paid}
    row = SourceRow("1000001", values, datetime(2026, 11, 1, tzinfo=UTC))

    (mapped,) = agresso(tmp_path).map("payments", row)

    assert mapped == Payment(
        subject=record_id("frameworki", "packages", "701"),
        reference="701",
        amount_pence=41250,
        status=expected,
        paid_on=date(2026, 11, 1) if paid else None,
        voucher="1000001",
    )


@pytest.mark.parametrize("wrong", [{"status": "X"}, {"amount": "4.5"}, {"pay_date": "20261301"}])
def test_map_row_that_means_nothing_is_refused_without_its_value(tmp_path: Path, wrong: dict[str, str]):
    values = {"apar_id": "S1", "ext_inv_ref": "701", "amount": "41250", "status": "P", "pay_date": "20261101"} | wrong

    with pytest.raises(BadInput) as refused:
        list(agresso(tmp_path).map("payments", SourceRow("1", values, datetime(2026, 11, 1, tzinfo=UTC))))

    assert not any(f"`{value}`" in str(refused.value) for value in wrong.values())


def test_contract_passes_good_rows_and_finds_each_wrong_one(tmp_path: Path):
    stream = load_contract(Agresso.contract, "agresso").streams["payments"]
    good = next(iter(agresso(tmp_path, *ROWS).read("payments", None, 1))).rows[0].values
    wrong = [
        {"ext_inv_ref": None}, {"ext_inv_ref": "7\x01"}, {"amount": "0"}, {"amount": "-5"}, {"status": "Q"},
        {"pay_date": "20261301"}, {"voucher_no": "12x"}, {"apar_id": "S" * 26},
    ]  # fmt: skip

    stream.check_columns(frozenset(good))
    found = check_rows(stream, [good, *(dict(good) | each for each in wrong)], date(2026, 12, 1))

    assert {(failure.row, failure.column) for failure in found} == {
        (place, next(iter(each))) for place, each in enumerate(wrong, start=1)
    }


def test_counterpart_process_pays_a_batch_and_starts_from_the_countys_payments(tmp_path: Path):
    (tmp_path / "data" / "agresso").mkdir(parents=True)
    (tmp_path / "data" / "agresso" / "payment_status.csv").write_text(HEADER + ROWS[8] + ROWS[0])
    command = [sys.executable, "-m", "connectors.agresso.counterpart"]
    command += ["--data", str(tmp_path / "data"), "--home", str(tmp_path / "home")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as finance:
        try:
            assert finance.stdout is not None
            config = json.loads(finance.stdout.readline())
            connector = Agresso(config)
            connector.check()
            item = {
                "reference": "800", "provider_reference": "S1", "provider": "Brook House", "amount_pence": 100,
                "period": "202611", "description": "care", "due_on": "2026-11-30", "item": "0193a6a0-7b1c-7000-8000-000000000001",
            }  # fmt: skip
            connector.write("care_payments", [item], "B1")

            deadline = time.monotonic() + 20
            rows: list[SourceRow] = []
            while len(rows) < 3 and time.monotonic() < deadline:
                time.sleep(0.1)
                rows = [row for batch in connector.read("payments", None, 100) for row in batch.rows]
        finally:
            finance.send_signal(signal.SIGTERM)
            finance.wait(10)

    assert [(row.key, row.values["ext_inv_ref"], row.values["status"]) for row in rows] == [
        ("1", "701", "P"),
        ("9", "709", "P"),
        ("10", "800", "P"),
    ]
    assert finance.returncode == 0


@pytest.mark.parametrize(
    "cursor", ["", "[]", '{"last_update": "today"}', '{"last_update": "2026-11-01", "voucher_no": "x"}']
)
def test_read_from_a_foreign_cursor_is_refused(tmp_path: Path, cursor: str):
    with pytest.raises(ContractBroken, match="cursor"):
        next(agresso(tmp_path, *ROWS).read("payments", cursor, 10))
