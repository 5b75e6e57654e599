"""Bundles go out as the standard's referee accepts them, and come in only if it does."""

import orjson
import pytest
from disclosures import AT, WHOLE, disclosure
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.nhs_fhir import NhsFhir, systems
from connectors.nhs_fhir.counterpart.__main__ import admission_bundle
from wye.ports import BadInput

FHIR = NhsFhir({})
ADMISSION = {
    "id": "0190b9a0-0000-7000-8000-000000000001", "nhs_number": "9990000018", "family_name": "Ashdown", "given_name": "Mary",
    "birth_date": "1941-02-03", "sex": "F", "postcode": "QA1 1AA", "kind": "admission", "status": "in-progress",
    "admitted_at": "2026-10-31T03:00:00+00:00", "discharged_at": None, "ward": "Elm", "reason": "Fall at home",
}  # fmt: skip


def patient(body: bytes) -> dict[str, object]:
    found: dict[str, object] = orjson.loads(body)["entry"][0]["resource"]
    return found


def test_whole_disclosure_passes_the_referee_and_is_the_same_twice() -> None:
    body = FHIR.shape(disclosure())

    FHIR.check_shaped(body)
    assert body == FHIR.shape(disclosure())
    kinds = [entry["resource"]["resourceType"] for entry in orjson.loads(body)["entry"]]
    assert kinds == ["Patient", "EpisodeOfCare", "CareTeam", "RelatedPerson", "RelatedPerson"]


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.sampled_from([(e, f) for e, rows in WHOLE.items() for f in rows[0]])),
    st.sets(st.sampled_from(sorted(WHOLE))),
)
def test_any_part_of_a_disclosure_passes_the_referee(masked: set[tuple[str, str]], left_out: set[str]) -> None:
    entities = {
        entity: []
        if entity in left_out
        else [{k: v for k, v in row.items() if (entity, k) not in masked} for row in rows]
        for entity, rows in WHOLE.items()
    }

    body = FHIR.shape(disclosure(entities, masked=frozenset(f"{e}.{f}" for e, f in masked)))

    FHIR.check_shaped(body)
    for entity, field in masked:
        if entity == "person" and field in {"nhs_number", "family_name"}:
            assert str(WHOLE["person"][0][field]).encode() not in body


def test_withheld_and_unknown_elements_say_which() -> None:
    body = FHIR.shape(
        disclosure(
            {"person": [{"family_name": "Ashdown"}]},
            masked=frozenset({"person.nhs_number", "address.postcode"}),
            unknown=frozenset({"person.birth_date"}),
        )
    )

    found = patient(body)
    FHIR.check_shaped(body)
    assert found["_birthDate"]["extension"][0]["valueCode"] == "unknown"  # type: ignore[index]
    assert found["identifier"][1]["_value"]["extension"][0]["valueCode"] == "masked"  # type: ignore[index]
    assert found["address"] == [
        {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
    ]


def test_admission_bundle_becomes_person_address_and_encounter() -> None:
    (row,) = FHIR.rows("admissions", orjson.dumps(admission_bundle(ADMISSION)), AT)

    found = {record.entity: record for record in FHIR.map("admissions", row)}
    assert set(found) == {"person", "address", "encounter"}
    assert found["person"].model_dump()["nhs_number"] == "9990000018"
    assert found["encounter"].model_dump()["kind"] == "admission"


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"{}",
        orjson.dumps({**admission_bundle(ADMISSION), "type": "heap"}),
        orjson.dumps({**admission_bundle(ADMISSION), "entry": []}),
        orjson.dumps({**admission_bundle(ADMISSION), "colour": "Ashdown"}),
    ],
)
def test_bundle_that_the_referee_refuses_is_bad_input_without_values(body: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        FHIR.rows("admissions", body, AT)

    assert "Ashdown" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_part_of_a_name_that_is_null_is_left_out() -> None:
    body = admission_bundle(ADMISSION)
    body["entry"][0]["resource"]["name"][0] |= {
        "given": ["Ann", None],
        "_given": [None, {"extension": [{"url": "urn:masked", "valueCode": "masked"}]}],
    }

    (row,) = FHIR.rows("admissions", orjson.dumps(body), AT)

    assert row.values["given_name"] == "Ann"


@pytest.mark.parametrize("resource", [{"resourceType": "Ashdown"}, {"resourceType": "Patient", "Ashdown": 1}])
def test_words_that_the_sender_made_up_are_not_repeated(resource: dict[str, object]) -> None:
    body = {**admission_bundle(ADMISSION), "entry": [{"resource": resource}]}

    with pytest.raises(BadInput) as refused:
        FHIR.rows("admissions", orjson.dumps(body), AT)

    assert "Ashdown" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("system", "code", "status"),
    [
        (systems.VERIFICATION_CODES, "01", "01"),
        (systems.VERIFICATION_CODES, "02", "02"),
        (systems.RETIRED_VERIFICATION_CODES, "01", "01"),
        ("https://example.org/codes", "01", None),
    ],
)
def test_how_the_number_was_checked_is_read_from_either_system_of_codes(
    system: str, code: str, status: str | None
) -> None:
    extension = {"url": systems.VERIFICATION, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}
    content = admission_bundle(ADMISSION)
    identifiers = content["entry"][0]["resource"]["identifier"]
    (number,) = [one for one in identifiers if one["system"] == systems.NHS_NUMBER]
    number["extension"] = [extension]

    (row,) = FHIR.rows("admissions", orjson.dumps(content), AT)
    (person, *_) = FHIR.map("admissions", row)

    assert row.values["nhs_number_status"] == status
    assert person.nhs_number_status == status


def test_a_number_of_which_nothing_is_said_is_not_verified() -> None:
    content = admission_bundle(ADMISSION)
    for one in content["entry"][0]["resource"]["identifier"]:
        one.pop("extension", None)

    (row,) = FHIR.rows("admissions", orjson.dumps(content), AT)

    assert row.values["nhs_number_status"] is None
