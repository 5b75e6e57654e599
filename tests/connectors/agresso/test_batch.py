"""Show that a batch is byte-exact, that finance reads what was written, and that a wrong item is refused."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.agresso import Agresso
from connectors.agresso.care_payments import Coding, read_payments, records
from connectors.agresso.counterpart.batch import Refused, read_batch, read_record
from connectors.agresso.counterpart.finance import Finance
from connectors.agresso.gl07 import END, FIELDS, LENGTH, Kind, write_record
from wye.ports import BadInput, SourceUnavailable

GOLDEN = Path(__file__).parent / "golden" / "CARE20261101.dat"
"""Placed by hand from the layout's first and last positions; neither writer nor reader made it."""


def payment(**changed: object) -> dict[str, object]:
    return {
        "reference": "700123",
        "provider_reference": "S10042",
        "provider": "Brook House Care Ltd",
        "amount_pence": 41250,
        "period": "202611",
        "description": "Home care, week of 2 November \u2013 Café Welcome",
        "due_on": "2026-11-30",
        "item": "0193a6a0-7b1c-7000-8000-000000000001",
    } | changed


def agresso(home: Path) -> Agresso:
    for name in ("in", "out"):
        (home / name).mkdir(parents=True, exist_ok=True)
    return Agresso({"drop_folder": str(home / "in"), "status_folder": str(home / "out")})


def test_write_one_payment_equals_the_golden_file(tmp_path: Path):
    written = agresso(tmp_path).write("care_payments", [payment()], "CARE20261101")

    data = (tmp_path / "in" / "CARE20261101.dat").read_bytes()
    assert data == GOLDEN.read_bytes()
    assert (written.rows, written.control_pence) == (1, 41250)
    assert (tmp_path / "in" / "CARE20261101.ctl").read_text() == (
        f"rows=2\ndebits=41250\ncredits=41250\nsha256={hashlib.sha256(data).hexdigest()}\n"
    )
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == [
        ".lock", "CARE20261101.ctl", "CARE20261101.dat",
    ]  # fmt: skip


def test_layout_adds_up_to_the_record():
    assert len(FIELDS) == 66
    assert sum(field.width for field in FIELDS) == LENGTH


TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc", "Cf"]), min_size=1, max_size=255
).filter(lambda text: text.replace("\xa0", " ").strip())
CODE = st.from_regex(r"[A-Z0-9]{1,25}", fullmatch=True)
PAYMENT = st.fixed_dictionaries(
    {
        "reference": st.from_regex(r"[A-Z0-9/]{1,100}", fullmatch=True),
        "provider_reference": CODE,
        "provider": TEXT,
        "amount_pence": st.integers(1, 100_000_000),
        "period": st.builds(lambda y, m: f"{y}{m:02}", st.integers(1990, 2099), st.integers(1, 12)),
        "description": TEXT,
        "due_on": st.dates().map(lambda day: day.isoformat()),
        "item": st.uuids().map(str),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PAYMENT, min_size=1, max_size=5, unique_by=lambda p: str(p["item"])), CODE)
def test_written_batch_read_by_finance_is_what_was_asked(items: list[Mapping[str, object]], batch: str):
    lines = [record + END for record in records(read_payments(items), batch, Coding())]
    data = b"".join(lines)
    pence = sum(int(str(item["amount_pence"])) for item in items)
    control = f"rows={len(lines)}\ndebits={pence}\ncredits={pence}\nsha256={hashlib.sha256(data).hexdigest()}\n"

    invoices = read_batch(data, control, batch)

    assert all(len(line) == LENGTH + 1 for line in lines)
    assert [(i.apar_id, i.ext_inv_ref, i.period, i.pence) for i in invoices] == [
        (p["provider_reference"], p["reference"], p["period"], p["amount_pence"]) for p in items
    ]
    supplier = [read_record(line, 1) for line in lines[1::2]]
    assert [(s["apar_name"], s["description"], s["ext_ref"], s["due_date"]) for s in supplier] == [
        (tidy(p["provider"]), tidy(p["description"]), p["item"], str(p["due_on"]).replace("-", "")) for p in items
    ]


def tidy(text: object) -> str:
    return " ".join(part for part in str(text).replace("\xa0", " ").split(" ") if part)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_record_read_back_gives_every_field(data: st.DataObject):
    kinds = {
        Kind.TEXT: lambda width: st.from_regex(rf"[A-Z0-9]{{1,{width}}}", fullmatch=True),
        Kind.NUMBER: lambda width: st.integers(0 if width == 1 else -(10 ** (width - 1)) + 1, 10**width - 1),
        Kind.DAY: lambda _: st.dates(),
    }
    values = {field.name: data.draw(kinds[field.kind](field.width), label=field.name) for field in FIELDS}
    amount = data.draw(st.integers(1, 10**18))
    values |= {"trans_type": "GL", "dc_flag": 1, "amount": amount, "cur_amount": amount, "period": 202611}

    line = read_record(write_record(values) + END, 1)

    assert line == {
        name: value.strftime("%Y%m%d").zfill(8) if hasattr(value, "strftime") else str(value)
        for name, value in values.items()
    }


@pytest.mark.parametrize(
    ("held", "written"),
    [
        ("Łódź Care", "Lódz Care"),
        ("O\u2019Neill \u2013 Sons", "O'Neill - Sons"),
        ("two\tand\nthree", "two and three"),
        ("Zoe\u0308", "Zoë"),
        ("Œuvre €5", "OEuvre EUR5"),
    ],
)
def test_text_outside_latin_is_spelt_in_it(held: str, written: str):
    lines = list(records(read_payments([payment(provider=held)]), "B1", Coding()))

    assert read_record(lines[1] + END, 2)["apar_name"] == written


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount_pence": 0}, "amount_pence"),
        ({"amount_pence": -1}, "amount_pence"),
        ({"amount_pence": 100_000_001}, "amount_pence"),
        ({"amount_pence": 412.5}, "amount_pence"),
        ({"amount_pence": True}, "amount_pence"),
        ({"period": "202613"}, "period"),
        ({"due_on": "30/11/2026"}, "due_on"),
        ({"due_on": "2026-02-30"}, "due_on"),
        ({"item": "Marigold"}, "item"),
        ({"reference": " "}, "reference"),
        ({"reference": None}, "reference"),
        ({"provider": "李 Marigold"}, "apar_name"),
        ({"provider": "Marigold\x00"}, "apar_name"),
        ({"provider": "Marigold\ud800"}, "apar_name"),
        ({"description": "Marigold" * 40}, "description"),
        ({"provider_reference": "M" * 26}, "apar_id"),
    ],
)
def test_write_wrong_item_names_field_and_place_and_leaves_nothing(
    tmp_path: Path, changed: dict[str, object], said: str
):
    wrong = payment(item=str(uuid4())) | changed

    with pytest.raises(BadInput, match=f"payment 2: .*`{said}`") as refused:
        agresso(tmp_path).write("care_payments", [payment(), wrong], "B1")

    assert "Marigold" not in str(refused.value)
    assert [path.name for path in (tmp_path / "in").iterdir() if path.name != ".lock"] == []


def test_write_same_item_twice_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="payment 2: `item` stands already at payment 1"):
        agresso(tmp_path).write("care_payments", [payment(), payment()], "B1")


@pytest.mark.parametrize("name", ["", "../B1", "a" * 26, "B 1", "-B1", "B1\n"])
def test_write_unsafe_batch_name_is_refused(tmp_path: Path, name: str):
    with pytest.raises(BadInput, match="batch name"):
        agresso(tmp_path).write("care_payments", [payment()], name)


def test_write_no_items_or_other_stream_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="at least one"):
        agresso(tmp_path).write("care_payments", [], "B1")
    with pytest.raises(BadInput, match="`care_payments`"):
        agresso(tmp_path).write("payments", [payment()], "B1")


def test_write_without_drop_folder_is_unavailable(tmp_path: Path):
    with pytest.raises(SourceUnavailable, match="drop_folder"):
        Agresso({}).write("care_payments", [payment()], "B1")
    with pytest.raises(SourceUnavailable, match="drop_folder"):
        Agresso({"drop_folder": str(tmp_path / "none")}).write("care_payments", [payment()], "B1")


def changed_byte(data: bytes, position: int, byte: bytes) -> bytes:
    return data[: position - 1] + byte + data[position - 1 + len(byte) :]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d[:-1], "whole number of records"),
        (lambda d: changed_byte(d, 399, b"\x07"), "control character"),
        (lambda d: changed_byte(d, 746, b"X"), "trans_date is no day"),
        (lambda d: changed_byte(d, 103, b" "), "account does not begin at position 103"),
        (lambda d: changed_byte(d, 1, b"X"), "batch_id is not the name"),
        (lambda d: changed_byte(d, 400, b"5"), "amount and cur_amount differ"),
        (lambda d: changed_byte(changed_byte(d, 380, b"5"), 400, b"5"), "does not balance"),
        (lambda d: changed_byte(d, 2061 + 1246, b" " * 6), "apar_id is empty"),
        (lambda d: d[2061:] + d[:2061] + d[:2061], "number of records"),
    ],
)
def test_finance_refuses_a_batch_with_one_fault(change: object, said: str):
    assert callable(change)
    data = change(GOLDEN.read_bytes())
    control = f"rows=2\ndebits=41250\ncredits=41250\nsha256={hashlib.sha256(data).hexdigest()}\n"

    with pytest.raises(Refused, match=said):
        read_batch(data, control, "CARE20261101")


@pytest.mark.parametrize(
    ("control", "said"),
    [
        ("rows=2\ndebits=41250\ncredits=41250\nsha256=" + "0" * 64 + "\n", "not the one"),
        ("rows=2\n", "four lines"),
        ("rows=2\ndebits=1\ncredits=41250\nsha256={}\n", "debits"),
        ("rows=2\ndebits=41250\ncredits=1\nsha256={}\n", "credits"),
    ],
)
def test_finance_refuses_totals_that_are_not_the_files(control: str, said: str):
    data = GOLDEN.read_bytes()

    with pytest.raises(Refused, match=said):
        read_batch(data, control.format(hashlib.sha256(data).hexdigest()), "CARE20261101")


def test_finance_pays_once_and_rejects_a_repeat(tmp_path: Path):
    connector = agresso(tmp_path)
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    finance = Finance(tmp_path, tmp_path / "none.csv", lambda: at)
    finance.open()
    other = payment(reference="700124", item=str(UUID(int=2)))
    connector.write("care_payments", [payment(), other], "B1")
    finance.collect()
    connector.write("care_payments", [payment(), other], "B1")
    connector.write("care_payments", [payment(item=str(UUID(int=3)))], "B2")

    finance.collect()
    again = Finance(tmp_path, tmp_path / "none.csv", lambda: at)
    again.open()
    again.collect()

    rows = [row for batch in connector.read("payments", None, 2) for row in batch.rows]
    assert [(r.values["ext_inv_ref"], r.values["status"], r.values["pay_date"]) for r in rows] == [
        ("700123", "P", "20261130"),
        ("700124", "P", "20261130"),
        ("700123", "R", None),
    ]
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["B1.dat", "B2.dat"]


def test_finance_reports_a_refused_batch_and_leaves_the_status(tmp_path: Path):
    connector = agresso(tmp_path)
    finance = Finance(tmp_path, tmp_path / "none.csv", lambda: datetime(2026, 11, 30, tzinfo=UTC))
    finance.open()
    connector.write("care_payments", [payment()], "B1")
    data = tmp_path / "in" / "B1.dat"
    data.write_bytes(changed_byte(data.read_bytes(), 600, b"X"))

    assert finance.collect() == 1
    assert finance.collect() == 0

    assert (tmp_path / "out" / "B1.refused").read_text().startswith("the data file is not the one")
    assert list(connector.read("payments", None, 10)) == []
