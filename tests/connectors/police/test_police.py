"""POLE messages go out and come in only as the schema has them."""

import orjson
import pytest
from disclosures import AT, disclosure

from connectors.police import Police
from connectors.police.counterpart.__main__ import notice_message
from wye.ports import BadInput

POLICE = Police({})
NOTICE = {
    "id": "0190b9a0-0000-7000-8000-000000000002", "reference": "MP/26/000123", "kind": "safeguarding", "role": "vulnerable-adult",
    "family_name": "Ashdown", "given_name": "Mary Ann", "birth_date": "1941-02-03", "sex": "F", "address": "1 Mill Lane",
    "postcode": "QA1 1AA", "occurred_at": "2026-10-30T21:00:00+00:00", "category": "neglect", "detail": "Found alone.",
    "children_present": False, "handling": "Not to be shown to the alleged perpetrator.",
}  # fmt: skip


def test_share_fits_the_schema_and_has_no_nhs_number() -> None:
    body = POLICE.shape(disclosure())

    POLICE.check_shaped(body)
    assert body == POLICE.shape(disclosure())
    assert b"9990000018" not in body
    assert orjson.loads(body)["persons"][0]["surname"] == "Ashdown"


def test_share_of_next_to_nothing_fits_the_schema() -> None:
    body = POLICE.shape(
        disclosure({}, masked=frozenset({"person.family_name"}), unknown=frozenset({"address.postcode"}))
    )

    POLICE.check_shaped(body)
    assert orjson.loads(body)["masked"] == ["person.family_name"]


def test_notice_becomes_person_address_and_incident() -> None:
    (row,) = POLICE.rows("notices", orjson.dumps(notice_message(NOTICE)), AT)

    found = {record.entity: record.model_dump() for record in POLICE.map("notices", row)}
    assert set(found) == {"person", "address", "incident"}
    assert found["incident"]["role"] == "vulnerable-adult"
    assert found["incident"]["handling"] == NOTICE["handling"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "share"},
        {"persons": []},
        {"nhs_number": "9990000018"},
        {"pole": "2"},
        {"events": [{"entity": "E_999"}]},
    ],
)
def test_message_that_is_no_notice_is_bad_input_without_values(change: dict[str, object]) -> None:
    body = orjson.dumps({**notice_message(NOTICE), **change})

    with pytest.raises(BadInput) as refused:
        POLICE.rows("notices", body, AT)

    assert "Ashdown" not in str(refused.value)
    assert "9990000018" not in str(refused.value)
