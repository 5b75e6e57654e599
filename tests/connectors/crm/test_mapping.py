"""Map contacts and cases: what each becomes, what is refused, and what a refusal never says."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from crm_rows import Row, contact, guid, incident
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.crm import Crm
from wye.ports import BadInput, SourceRow, record_id
from wye.quality.contract import load_contract

CRM = Crm({})
CONTRACT = load_contract(CRM.contract, "crm")
LOOKUP = "_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"
GOOD = {"contacts": contact(1), "incidents": incident(1) | {LOOKUP: "contact"}}


def mapped(stream: str, **changed: object) -> list[Row]:
    row = SourceRow(guid(1), GOOD[stream] | changed, datetime(2026, 3, 1, tzinfo=UTC))
    return [{"entity": record.entity} | record.model_dump(exclude_none=True) for record in CRM.map(stream, row)]


def refused(stream: str, changed: Row) -> BadInput | None:
    try:
        mapped(stream, **changed)
    except BadInput as refusal:
        return refusal
    return None


def test_contact_maps_whole():
    subject = record_id("crm", "contacts", guid(1))
    records = mapped(
        "contacts",
        middlename="Bryn Cai",
        salutation="Mx",
        mobilephone="+44 (0)7700 900123",
        telephone1="(01632) 960 123",
        emailaddress1="Ash@Example.org",
        address1_line1="1 Invented Row",
        address1_line2=" ",
        address1_line3="Nether Arrow",
        address1_city="Arrowford",
        address1_postalcode="zz11aa",
    )

    assert records == [
        {
            "entity": "person",
            "subject": subject,
            "family_name": "Hollowell",
            "given_name": "Ash",
            "middle_names": "Bryn Cai",
            "title": "Mx",
            "birth_date": date(1980, 5, 1),
            "sex": "F",
            "case_number": guid(1),
        },
        {
            "entity": "address",
            "subject": subject,
            "kind": "home",
            "lines": "1 Invented Row, Nether Arrow",
            "town": "Arrowford",
            "postcode": "ZZ1 1AA",
        },
        {"entity": "contact_point", "subject": subject, "kind": "mobile", "value": "+447700900123"},
        {"entity": "contact_point", "subject": subject, "kind": "phone", "value": "+441632960123"},
        {"entity": "contact_point", "subject": subject, "kind": "email", "value": "ash@example.org"},
    ]


def test_contact_without_an_address_has_none():
    assert [record["entity"] for record in mapped("contacts")] == ["person"]


@pytest.mark.parametrize(("code", "sex"), [(1, "M"), (2, "F"), (None, None)])
def test_gendercode_is_the_sex_if_it_is_known(code, sex):
    assert mapped("contacts", gendercode=code)[0].get("sex") == sex


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"lastname": " "}, "lastname"),
        ({"gendercode": 3}, "gendercode"),
        ({"birthdate": "01-05-1980"}, "birthdate"),
        ({"telephone1": "none"}, "telephone1"),
        ({"merged": True}, "_masterid_value"),
        ({"merged": True, "_masterid_value": guid(1)}, "_masterid_value"),
    ],
)
def test_contact_that_means_nothing_is_refused_by_its_column(changed, column):
    assert f"`{column}`" in str(refused("contacts", changed))


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({LOOKUP: None}, "_customerid_value"),
        ({LOOKUP: "lead"}, "_customerid_value"),
        ({"_customerid_value": None}, "_customerid_value"),
        ({"createdon": "26-06-2020 15:01"}, "createdon"),
        ({"createdon": "2026-02-01T10:00:00"}, "createdon"),
        ({"createdon": "0001-01-01T00:00:00+14:00"}, "createdon"),
        ({"caseorigincode": 2483}, "caseorigincode"),
        ({"statecode": 9}, "statecode"),
    ],
)
def test_case_that_means_nothing_is_refused_by_its_column(changed, column):
    assert f"`{column}`" in str(refused("incidents", changed))


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@settings(deadline=None)  # the first example loads libraries
@given(at=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS))  # noqa: DTZ001  a bound
def test_instant_comes_back_the_same_in_utc(at):
    (event,) = mapped("incidents", createdon=at.replace(microsecond=0).isoformat())

    assert datetime.fromisoformat(str(event["occurred_at"])) == at.replace(microsecond=0)
    assert str(event["occurred_at"]).endswith("Z")


ANYTHING = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(deadline=None)  # the first example loads libraries
@given(data=st.data(), stream=st.sampled_from(CRM.streams()))
def test_any_row_maps_or_is_refused_without_telling_a_value(data, stream):
    marker = "Zyx98765"
    column = data.draw(st.sampled_from(sorted(CONTRACT.streams[stream].columns)))
    refusal = refused(stream, {column: data.draw(ANYTHING | st.just(marker))})

    assert refusal is None or (marker not in str(refusal) and "column `" in str(refusal))
    assert refusal is None or refusal.__cause__ is None
