"""Show what each row means, that a row that means nothing is refused without its value, and that the county maps whole."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.civica_revenues import CivicaRevenues
from connectors.civica_revenues.counterpart.exports import publish
from schemas.address import Address
from schemas.contact_point import ContactPoint
from schemas.liability import Liability
from schemas.person import Person
from wye.county import make
from wye.ports import BadInput, SourceRow, record_id
from wye.quality.check import check_rows
from wye.quality.contract import load_contract

AT = datetime(2026, 11, 20, tzinfo=UTC)
CONTRACT = load_contract(CivicaRevenues.contract, "civica_revenues")
MEMBER = {
    "claim_id": "500001", "house_id": "1", "member_id": "2", "surname": "O'BRIEN-SMYTH", "forename": "MARY ANN",
    "title": "MRS", "type": "2", "birth_date": "03/02/1950", "gender": "2", "nino": "ab 12 34 56 c", "party_ref": "77",
    "deceased_date": None, "claim_check_digit": "K", "claim_application_date": "2025-01-02", "claim_cancel_date": None,
    "household_from_date": "2025-01-05 00:00:00", "household_to_date": "31/12/2099", "household_addr1": "1 ELM ROW",
    "household_addr2": "WESTEND", "household_addr3": "ARROWMINSTER", "household_addr4": "ARROWSHIRE",
    "household_post_code": "ar11aa", "household_uprn": "000000000042",
}  # fmt: skip
ACCOUNT = {
    "account_ref": "9", "account_cd": "Q", "lead_liab_title": "MR", "lead_liab_forename": "JO", "party_ref": "78",
    "lead_liab_middlename": "LEE", "lead_liab_surname": "REDFERN", "phone_phonenum1": "07700 900123",
    "email_email_addr": "Jo@Example.ORG",
}  # fmt: skip
OCCUPATION = {
    "account_ref": "9", "property_ref": "001", "occupation_date": "2020-01-01", "vacation_date": "2099-12-31",
    "property_addr1": "1 ELM ROW", "property_addr2": None, "property_addr3": "ARROWMINSTER",
    "property_postcode": "AR1 1AA", "property_uprn": "000000000042",
}  # fmt: skip
ROWS = {"members": MEMBER, "accounts": ACCOUNT, "occupations": OCCUPATION}


def mapped(stream: str, key: str = "k", **changed: str | None) -> list[object]:
    return list(CivicaRevenues({}).map(stream, SourceRow(key, ROWS[stream] | changed, AT)))


def test_map_member_is_a_person_with_claim_and_address():
    subject = record_id("civica_revenues", "members", "500001|1|2")

    assert mapped("members", "500001|1|2") == [
        Person(
            subject=subject, family_name="O'BRIEN-SMYTH", given_name="MARY ANN", title="MRS",
            birth_date=date(1950, 2, 3), sex="F", nino="AB123456C", case_number="77",
        ),
        Liability(
            subject=subject, kind="housing-benefit", account="500001K", role="partner", from_date=date(2025, 1, 5)
        ),
        Address(
            subject=subject, kind="home", lines="1 ELM ROW, WESTEND", town="ARROWMINSTER", postcode="AR1 1AA",
            uprn="42", from_date=date(2025, 1, 5),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "role"), [("1", "claimant"), ("2", "partner"), ("3", "household-member"), ("4", "household-member")]
)
def test_map_member_type_is_the_role(kind: str, role: str):
    liability = mapped("members", type=kind)[1]

    assert isinstance(liability, Liability)
    assert liability.role == role


@pytest.mark.parametrize(("gender", "sex"), [("0", "U"), ("1", "M"), ("2", "F"), (None, None)])
def test_map_member_gender_is_the_sex(gender: str | None, sex: str | None):
    person = mapped("members", gender=gender)[0]

    assert isinstance(person, Person)
    assert person.sex == sex


def test_map_member_of_an_ended_claim_ends():
    _, liability, address = mapped("members", claim_cancel_date="2025-05-01", household_to_date="01/05/2025")

    assert isinstance(liability, Liability)
    assert isinstance(address, Address)
    assert (liability.to_date, address.to_date) == (date(2025, 5, 1), date(2025, 5, 1))


def test_map_member_without_household_has_no_address():
    empty = {name: None for name in MEMBER if name.startswith("household_")}

    assert [type(found) for found in mapped("members", **empty)] == [Person, Liability]


def test_map_account_is_the_lead_liable_person_with_contact_points():
    subject = record_id("civica_revenues", "accounts", "9")

    assert mapped("accounts", "9") == [
        Person(
            subject=subject, family_name="REDFERN", given_name="JO", middle_names="LEE", title="MR", case_number="78"
        ),
        Liability(subject=subject, kind="council-tax", account="9Q", role="liable"),
        ContactPoint(subject=subject, kind="mobile", value="+447700900123"),
        ContactPoint(subject=subject, kind="email", value="jo@example.org"),
    ]


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("01632 960001", [("phone", "+441632960001")]),
        ("+44 (0)7700 900123", [("mobile", "+447700900123")]),
        ("+33 1 99 00 00 00", [("phone", "+33199000000")]),
        ("12", []),
        ("NOT GIVEN", []),
        (None, []),
    ],
)
def test_map_account_phone_is_e164_or_left_out(number: str | None, found: list[tuple[str, str]]):
    points = mapped("accounts", phone_phonenum1=number, email_email_addr="not an address")

    assert [(p.kind, p.value) for p in points if isinstance(p, ContactPoint)] == found


def test_map_account_with_another_address_for_letters_has_a_correspondence_address():
    found = mapped("accounts", for_addr1="PO BOX 9", for_addr3="LEEDS", for_postcode="LS1 1AA")

    assert [(a.kind, a.lines, a.town) for a in found if isinstance(a, Address)] == [
        ("correspondence", "PO BOX 9", "LEEDS")
    ]


@pytest.mark.parametrize(
    ("vacated", "to"), [("2099-12-31", None), ("2021-05-01 00:00:00", date(2021, 5, 1)), (None, None)]
)
def test_map_occupation_is_an_address_of_the_lead_person(vacated: str | None, to: date | None):
    assert mapped("occupations", vacation_date=vacated) == [
        Address(
            subject=record_id("civica_revenues", "accounts", "9"), kind="home", lines="1 ELM ROW", town="ARROWMINSTER",
            postcode="AR1 1AA", uprn="42", from_date=date(2020, 1, 1), to_date=to,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stream", "column", "value"),
    [
        ("members", "surname", None),
        ("members", "birth_date", "31/02/1950"),
        ("members", "birth_date", "1950-02-03"),
        ("members", "deceased_date", "1949-12-31"),
        ("members", "household_to_date", "MARIGOLD"),
        ("accounts", "lead_liab_surname", "  "),
        ("occupations", "vacation_date", "2019-12-31"),
        ("occupations", "occupation_date", "MARIGOLD"),
    ],
)
def test_map_row_that_means_nothing_names_the_column_only(stream: str, column: str, value: str | None):
    with pytest.raises(BadInput, match=f"`{column}`") as refused:
        mapped(stream, **{column: value})

    assert not value or value not in str(refused.value)


def test_map_deleted_row_is_nothing():
    assert list(CivicaRevenues({}).map("members", SourceRow("1|1|1", {}, AT, deleted=True))) == []


@pytest.mark.parametrize(
    ("stream", "column", "value"),
    [
        ("members", "surname", None),
        ("members", "surname", "UNKNOWN"),
        ("members", "surname", "RED\x00FERN"),
        ("members", "birth_date", "99/99/1950"),
        ("members", "birth_date", "01/01/1900"),
        ("members", "birth_date", "01/01/2030"),
        ("members", "gender", "7"),
        ("members", "type", "9"),
        ("members", "household_uprn", "0"),
        ("members", "household_post_code", "NOWHERE"),
        ("members", "member_id", "two"),
        ("accounts", "lead_liab_surname", None),
        ("accounts", "lead_liab_forename", "BABY"),
        ("accounts", "phone_phonenum1", "07700\ufffd"),
        ("occupations", "vacation_date", "2019-12-31"),
        ("occupations", "property_addr1", None),
    ],
)
def test_contract_quarantines_a_wrong_value_under_its_column(stream: str, column: str, value: str | None):
    failures = check_rows(CONTRACT.streams[stream], [ROWS[stream], ROWS[stream] | {column: value}], date(2026, 11, 21))

    assert {(failure.row, failure.column) for failure in failures if failure.quarantines} == {(1, column)}


def test_county_read_checked_and_mapped_is_whole(settings_for: Callable[[Path], dict[str, str]], tmp_path: Path):
    make(tmp_path / "county", 600, seed=5)
    publish(tmp_path / "county" / "civica_revenues", tmp_path / "exports", date(2026, 11, 20))
    connector = CivicaRevenues(settings_for(tmp_path / "exports"))
    truth = (tmp_path / "county" / "truth" / "people.csv").read_text().splitlines()

    for stream in connector.streams():
        contract = CONTRACT.streams[stream]
        rows = [row for batch in connector.read(stream, None, 200) for row in batch.rows]
        contract.check_columns(frozenset().union(*(row.values for row in rows)))
        failures = check_rows(contract, [row.values for row in rows], date(2026, 11, 21))
        wrong = {failure.row for failure in failures if failure.quarantines}
        found = [list(connector.map(stream, row)) for place, row in enumerate(rows) if place not in wrong]

        assert len(wrong) < len(rows) / 20
        assert all(found)
        if stream != "occupations":
            known = {line.split(",")[2] for line in truth if line.startswith(f"civica_revenues,{stream},")}
            assert {row.key for row in rows} == known
