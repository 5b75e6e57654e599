"""Show that exports are read over a real sshd: streaming, from any cursor as if read whole, and never half."""

import json
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest

from wye.ports import Connector, ContractBroken, FindsDeletions, Reads, SourceBatch, SourceRow, SourceUnavailable
from wye.quality.check import check_rows
from wye.quality.contract import load_contract

STREAMS = ("members", "accounts", "occupations")


def rows_of(batches: Iterable[SourceBatch]) -> list[SourceRow]:
    return [row for batch in batches for row in batch.rows]


def test_civica_revenues_stands_behind_the_ports(exports):
    connector: Connector = exports.connector()

    assert isinstance(connector, Reads)
    assert isinstance(connector, FindsDeletions)
    assert (connector.name, connector.streams()) == ("civica_revenues", STREAMS)


def test_read_members_joins_claim_and_household_and_leaves_the_claimants_name_behind(exports):
    exports.drop("20261120")

    rows = rows_of(exports.connector().read("members", None, 100))

    assert [row.key for row in rows] == ["9|1|1", "9|1|2", "10|1|1", "10|1|2", "11|1|1", "11|1|2"]
    assert [row.values["claim_check_digit"] for row in rows] == ["A", "A", "B", "B", None, None]
    assert [row.values["household_addr1"] for row in rows] == ["1 ELM ROW"] * 2 + [None] * 2 + ["2 ELM ROW"] * 2
    assert not {"claim_name", "claim_nino", "claim_claim_id"} & rows[0].values.keys()


def test_read_accounts_joins_council_tax_contacts_only(exports):
    exports.drop("20261120")

    rows = rows_of(exports.connector().read("accounts", None, 100))

    assert [(r.key, r.values["phone_phonenum1"], r.values["email_email_addr"]) for r in rows] == [
        ("9", "07700 900123", None),
        ("10", None, "Ann@Example.org"),
        ("11", "01632 960001", None),
    ]


def test_read_occupations_joins_the_property(exports):
    exports.drop("20261120")

    rows = rows_of(exports.connector().read("occupations", None, 100))

    assert [(row.key, row.values["property_addr1"]) for row in rows] == [
        ("9|001|2020-01-01", "1 ELM ROW"),
        ("10|001|2019-01-01", "1 ELM ROW"),
        ("9|002|2018-01-01", "2 ELM ROW"),
    ]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_read_resumed_after_every_batch_equals_a_full_read(exports, stream: str, batch_rows: int):
    exports.drop("20261120")
    whole = rows_of(exports.connector().read(stream, None, 100))

    cursor, found = None, []
    while batch := next(exports.connector().read(stream, cursor, batch_rows), None):
        assert 0 < len(batch.rows) <= batch_rows
        found += batch.rows
        cursor = batch.cursor

    assert found == whole
    assert json.loads(str(cursor))["done"] is True


def test_read_again_gives_nothing_until_a_new_drop(exports):
    exports.drop("20261120")
    connector = exports.connector()
    last = list(connector.read("accounts", None, 2))[-1].cursor
    before = list(connector.read("accounts", last, 2))

    exports.drop("20261121", {"ctaccount.csv": exports.content("ctaccount.csv", ["9,Q,ANN,REDFERN,1750000000"])})

    assert before == []
    assert [row.key for row in rows_of(connector.read("accounts", last, 2))] == ["9"]
    assert list(connector.keys("accounts")) == ["9"]


def test_read_part_of_an_older_drop_starts_anew_with_the_newest(exports):
    exports.drop("20261120")
    part = next(exports.connector().read("members", None, 4)).cursor
    exports.drop("20261120-02")

    assert len(rows_of(exports.connector().read("members", part, 100))) == 6


def test_read_after_an_old_copy_was_put_back_is_refused(exports):
    exports.drop("20261120")
    cursor = next(exports.connector().read("members", None, 4)).cursor
    (exports.folder / "20261120").rename(exports.folder / "20261101")

    with pytest.raises(SourceUnavailable, match="`20261101` is older than `20261120`"):
        list(exports.connector().read("members", cursor, 4))


@pytest.mark.parametrize("stream", STREAMS)
def test_keys_are_those_of_the_rows_of_the_newest_drop(exports, stream: str):
    exports.drop("20261119", {"ctaccount.csv": exports.content("ctaccount.csv", [])})
    exports.drop("20261120")

    assert list(exports.connector().keys(stream)) == [r.key for r in rows_of(exports.connector().read(stream, None, 2))]


def test_changed_at_is_the_systems_own_word_unless_it_is_none(exports):
    rows = ["9,Q,ANN,REDFERN,1750000000", "10,Q,ANN,REDFERN,", "11,Q,ANN,REDFERN,4000000000", "12,Q,ANN,REDFERN,-5"]
    exports.drop("20261120", {"ctaccount.csv": exports.content("ctaccount.csv", rows)})

    found = rows_of(exports.connector().read("accounts", None, 100))

    day = datetime(2026, 11, 20, tzinfo=UTC)
    assert [row.observed_at for row in found] == [datetime.fromtimestamp(1750000000, UTC), day, day, day]


def test_discover_and_check_tell_what_the_export_has(exports):
    header = b"account_ref,account_cd,lead_liab_forename,lead_liab_surname,last_updated_int,shoe_size\n"
    exports.drop("20261120", {"ctaccount.csv": header})
    connector = exports.connector()

    connector.check()

    assert {"shoe_size", "phone_phonenum1", "email_email_addr"} <= connector.discover("accounts").keys()
    assert "phone_ref" not in connector.discover("accounts")
    with pytest.raises(ContractBroken, match="`people`"):
        connector.discover("people")


def test_read_odd_bytes_are_quarantined_row_by_row(exports):
    odd = (
        exports.content("ctaccount.csv", ["9,Q,ANN,REDFERN,"])
        + b"10,Q,AN\x00N,REDFERN,\n11,Q,AN\xedN,REDFERN,\n12,Q,\xed\xa0\x80,REDFERN,\n"
        + '13,Q,"ÖMER, 2ND ""JR""\nLINE",REDFERN,\n'.encode()
    )
    exports.drop("20261120", {"ctaccount.csv": odd})
    stream = load_contract(exports.connector().contract, "civica_revenues").streams["accounts"]

    rows = rows_of(exports.connector().read("accounts", None, 100))

    failures = check_rows(stream, [row.values for row in rows], date(2026, 11, 21))
    wrong = {failure.row for failure in failures if "clean_text" in failure.rule or "clean text" in failure.rule}
    assert [row.key for row in rows] == ["9", "10", "11", "12", "13"]
    assert rows[4].values["lead_liab_forename"] == 'ÖMER, 2ND "JR"\nLINE'
    assert wrong == {1, 2, 3}


MANIFEST_FAULTS = {
    "no manifest": (None, "`20261120` has no `manifest.csv`"),
    "empty": (b"", "`20261120/manifest.csv` is not complete"),
    "header only": (b"file,rows,sha256\n", "`20261120/manifest.csv` is not complete"),
    "cut": (b"file,rows,sha256\nctaccount.csv,3,9c1d", "`20261120/manifest.csv` is not complete"),
    "file not named": (b"file,rows,sha256\nother.csv,3," + b"0" * 64 + b"\n", "does not name `ctaccount.csv`"),
}


@pytest.mark.parametrize(("promised", "said"), MANIFEST_FAULTS.values(), ids=MANIFEST_FAULTS)
def test_read_drop_without_a_complete_manifest_is_unavailable(exports, promised: bytes | None, said: str):
    folder = exports.drop("20261120", promised=promised)
    if promised is None:
        (folder / "manifest.csv").unlink()

    with pytest.raises(SourceUnavailable, match=said):
        next(exports.connector().read("accounts", None, 1))
    with pytest.raises(SourceUnavailable, match=said):
        next(exports.connector().keys("accounts"))


FILE_FAULTS = {
    "cut between rows": lambda data: data[:-32],
    "cut in a row": lambda data: data[:-5],
    "changed": lambda data: data.replace(b"REDFERN", b"REDFORN"),
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("file", ["hbmember.csv", "hbclaim.csv", "hbhousehold.csv"])
@pytest.mark.parametrize("change", FILE_FAULTS.values(), ids=FILE_FAULTS)
def test_read_file_other_than_promised_names_it_before_any_row(exports, file: str, change):
    data = change(exports.content(file))
    if data == exports.content(file):
        data += b"\n"
    exports.drop("20261120", {file: data}, promised=exports.manifest())

    with pytest.raises(SourceUnavailable, match=f"`20261120/{file}` is not the file that the manifest promises"):
        next(exports.connector().read("members", None, 1))
    with pytest.raises(SourceUnavailable, match=file):
        next(exports.connector().keys("members"))


def test_read_fewer_rows_than_promised_names_the_file(exports):
    promised = exports.manifest().replace(b"hbclaim.csv,3,", b"hbclaim.csv,4,")
    exports.drop("20261120", promised=promised)

    with pytest.raises(SourceUnavailable, match=r"`20261120/hbclaim.csv` has 3 rows where the manifest promises 4"):
        next(exports.connector().read("members", None, 1))


def test_read_promised_file_that_is_not_there_names_it(exports):
    (exports.drop("20261120") / "hbclaim.csv").unlink()

    with pytest.raises(SourceUnavailable, match=r"the server has no `.*/20261120/hbclaim.csv`"):
        next(exports.connector().read("members", None, 1))


FORM_FAULTS = {
    "short row": ("9,Q,MARIGOLD\n", "row 2 has 3 fields; its header has 5"),
    "blank row": ("9,Q,MARIGOLD,REDFERN,\n\n10,Q,A,B,\n", "row 3 has 0 fields"),
    "open quote": ('9,Q,"MARIGOLD,REDFERN,\n10,Q,ANN,REDFERN,\n', "a quoted field is left open or badly closed"),
    "half quote": ('9,Q,"MARI"GOLD,REDFERN,\n', "a quoted field is left open or badly closed"),
    "no line end": ("9,Q,MARIGOLD,REDFERN,", "ends without a line end"),
    "endless field": (f'9,Q,"{"MARIGOLD" * 20_000}",REDFERN,\n', "a quoted field is left open"),
    "endless line": (f"9,Q,{'MARIGOLD' * 200_000}", "a line of more than"),
    "out of order": ("10,Q,MARIGOLD,A,\n9,Q,MARIGOLD,A,\n", "row 3 is out of order; sort by account_ref"),
    "same key twice": ("9,Q,MARIGOLD,A,\n9,R,MARIGOLD,A,\n", "row 3 repeats the key of the row before"),
    "no key": (",Q,MARIGOLD,A,\n", "row 2 has no whole number in its key"),
}


@pytest.mark.parametrize(("text", "said"), FORM_FAULTS.values(), ids=FORM_FAULTS)
def test_read_badly_formed_file_names_the_row_before_any_row(exports, text: str, said: str):
    exports.drop("20261120", {"ctaccount.csv": exports.content("ctaccount.csv", []) + text.encode()})

    with pytest.raises(ContractBroken, match=f"`ctaccount.csv`.*{said}") as broken:
        next(exports.connector().read("accounts", None, 1))

    assert "MARIGOLD" not in str(broken.value)


@pytest.mark.parametrize("header", [b"", b"\n", b"account_ref,account_ref\n", b"account_ref,,b\n", b"a,b\n9,9\n"])
def test_read_file_without_a_header_is_refused(exports, header: bytes):
    exports.drop("20261120", {"ctaccount.csv": header})

    with pytest.raises(ContractBroken, match=r"`ctaccount.csv` (does not begin with a header|has no column)"):
        next(exports.connector().read("accounts", None, 1))


def test_read_folder_without_drops_is_unavailable(exports):
    (exports.folder / "notes").mkdir()

    with pytest.raises(SourceUnavailable, match="holds no export yet"):
        exports.connector().check()


def test_read_drop_named_by_no_day_is_unavailable(exports):
    exports.drop("20261399")

    with pytest.raises(SourceUnavailable, match="`20261399` is not named by a day"):
        exports.connector().check()


def test_read_memory_does_not_grow_with_the_file(exports):
    peaks = []
    for place, count in enumerate((1_000, 10_000)):
        rows = [f"{n},Q,{'ANN' * 500},{'REDFERN' * 100},1750000000" for n in range(count)]
        exports.drop(f"2026112{place}", {"ctaccount.csv": exports.content("ctaccount.csv", rows)})
        del rows
        tracemalloc.start()
        read = sum(len(batch.rows) for batch in exports.connector().read("accounts", None, 50))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert read == count

    assert peaks[1] <= peaks[0] * 1.3, peaks
