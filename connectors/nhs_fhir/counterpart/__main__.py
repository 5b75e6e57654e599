"""Turn the hospital's admissions into Bundles: one JSON line each, {"id", "body"}, on standard output."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from connectors.nhs_fhir import systems

HOSPITAL = "RAX99"
"""An ODS code of the invented trust's."""


def admission_bundle(admission: Mapping[str, Any]) -> dict[str, Any]:
    """Write one admission as a FHIR R4 Bundle, as UK Core has it."""
    number = admission["id"]
    identifiers: list[dict[str, Any]] = [{"system": "urn:arrowshire-hospitals:patient", "value": f"P-{number}"}]
    if admission.get("nhs_number"):
        # An admitting hospital traces the number against the Personal Demographics Service.
        status = {"coding": [{"system": systems.VERIFICATION_CODES, "code": systems.VERIFIED}]}
        identifiers.append(
            {
                "system": systems.NHS_NUMBER,
                "value": admission["nhs_number"],
                "extension": [{"url": systems.VERIFICATION, "valueCodeableConcept": status}],
            }
        )
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "id": f"pat-{number}"[:64],
        "identifier": identifiers,
        "name": [{"use": "official", "family": admission["family_name"], "given": [admission["given_name"]]}],
        "gender": systems.GENDERS.get(admission["sex"], "unknown"),
        "address": [{"use": "home", "postalCode": admission["postcode"]}] if admission.get("postcode") else [],
    }
    if admission.get("birth_date"):
        patient["birthDate"] = admission["birth_date"]
    period = {"start": admission["admitted_at"]}
    if admission.get("discharged_at"):
        period["end"] = admission["discharged_at"]
    encounter = {
        "resourceType": "Encounter",
        "id": f"enc-{number}"[:64],
        "status": "finished" if admission.get("discharged_at") else "in-progress",
        "class": {"system": systems.ACT_CODE, "code": "IMP"},
        "subject": {"reference": f"urn:uuid:pat-{number}"},
        "period": period,
        "location": [{"location": {"display": admission["ward"]}}],
        "reasonCode": [{"text": admission["reason"]}],
        "serviceProvider": {"identifier": {"system": systems.ODS_CODE, "value": HOSPITAL}},
    }
    if not patient["address"]:
        del patient["address"]
    return {
        "resourceType": "Bundle",
        "id": number,
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:uuid:pat-{number}", "resource": patient},
            {"fullUrl": f"urn:uuid:enc-{number}", "resource": encounter},
        ],
    }


def main() -> None:
    """Read `--data`/hospital/admissions.jsonl and write one message body a line."""
    parser = argparse.ArgumentParser(description="Write the hospital's admissions as FHIR Bundles.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the county's files")
    data: Path = parser.parse_args().data
    with (data / "hospital" / "admissions.jsonl").open("rb") as lines:
        for line in lines:
            admission = orjson.loads(line)
            sys.stdout.buffer.write(orjson.dumps({"id": admission["id"], "body": admission_bundle(admission)}) + b"\n")


if __name__ == "__main__":
    main()
