"""Shape what goes to a health provider, and read the admissions that come back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.nhs_fhir import systems
from connectors.nhs_fhir.bundle import bundle, resources_of
from schemas.address import Address
from schemas.encounter import Encounter
from schemas.person import Person
from wye.ports import BadInput, Canonical, Disclosure, SourceRow, record_id

ADMISSIONS = "admissions"
BUNDLE_TYPES = ("collection", "message")


class NhsFhir:
    """Be the FHIR side of a health provider: nothing is fetched, messages come and go by queue."""

    name = "nhs_fhir"
    contract = Path(__file__).parent / "contract.odcs.yaml"
    media_type = "application/fhir+json"

    def __init__(self, config: Mapping[str, str]) -> None:
        self._config = dict(config)

    def streams(self) -> tuple[str, ...]:
        """List the one stream that providers send."""
        return (ADMISSIONS,)

    def shape(self, disclosure: Disclosure) -> bytes:
        """Write a FHIR R4 Bundle."""
        return bundle(disclosure)

    def check_shaped(self, body: bytes) -> None:
        """Validate a Bundle with fhir.resources (R4B, the same as R4 for what is used here); raises BadInput."""
        from fhir.resources.R4B.bundle import Bundle
        from pydantic import ValidationError

        try:
            Bundle.model_validate_json(body)
        except ValidationError as error:
            places = sorted({_place(each) for each in error.errors(include_url=False, include_input=False)})
            raise BadInput(f"not a FHIR R4 Bundle at `{', '.join(places[:3])}`") from None
        except KeyError:  # the library's own way to say that there is no such type of resource
            raise BadInput("not a FHIR R4 Bundle: it holds a resource of no known type") from None

    def rows(self, stream: str, body: bytes, received_at: datetime) -> Sequence[SourceRow]:
        """Read an admission Bundle (one Patient, one Encounter) into one row; raises BadInput."""
        if stream != ADMISSIONS:
            raise BadInput(f"no stream `{stream}` of `{self.name}`; there is: {ADMISSIONS}")
        self.check_shaped(body)
        content = orjson.loads(body)
        patients, encounters = resources_of(content, "Patient"), resources_of(content, "Encounter")
        # The referee accepts any code: what kind of Bundle this is, is for us to check.
        if content.get("type") not in BUNDLE_TYPES:
            raise BadInput(f"an admission Bundle is of type {' or '.join(BUNDLE_TYPES)}")
        if len(patients) != 1 or len(encounters) != 1 or not content.get("id"):
            raise BadInput("an admission Bundle has an id, one Patient and one Encounter")
        return [SourceRow(str(content["id"]), _flat(patients[0], encounters[0]), received_at)]

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        """Map an admission to the person, where they say they live, and the encounter."""
        subject = record_id(self.name, stream, row.key)
        values: Mapping[str, Any] = row.values
        yield Person(
            subject=subject,
            family_name=values["family_name"],
            given_name=values["given_name"],
            birth_date=values["birth_date"],
            sex=systems.SEXES.get(str(values["gender"]), "U"),
            nhs_number=values["nhs_number"],
            nhs_number_status=values["nhs_number_status"],
        )
        if values["postcode"]:
            yield Address(
                subject=subject, kind="home", lines=values["lines"], town=values["town"], postcode=values["postcode"]
            )
        yield Encounter(
            subject=subject,
            kind=values["kind"],
            status=values["status"],
            admitted_at=values["admitted_at"],
            discharged_at=values["discharged_at"],
            ward=values["ward"],
            reason=values["reason"],
            organisation=values["organisation"],
            reference=row.key,
        )


def _place(error: Mapping[str, Any]) -> str:
    """Name the element that is wrong by names of the standard: one that the sender made up might be anything."""
    parts = [part for part in error["loc"] if isinstance(part, str)]
    return ".".join(parts[:-1] if error["type"] == "extra_forbidden" else parts) or "the top"


def _joined(parts: object, between: str) -> str | None:
    """Join the parts of a name or an address; one may be null, where FHIR says why in an extension."""
    return between.join(str(part) for part in (parts if isinstance(parts, list) else ()) if part) or None


def _status(identifier: Mapping[str, Any]) -> str | None:
    """Read how the sender checked the number; a code of another system is none of ours, and means nothing."""
    for extension in identifier.get("extension") or ():
        concept: Mapping[str, Any] = extension.get("valueCodeableConcept") or {}
        for coding in concept.get("coding") or () if extension.get("url") == systems.VERIFICATION else ():
            if coding.get("system") in {systems.VERIFICATION_CODES, systems.RETIRED_VERIFICATION_CODES}:
                return str(coding["code"]) if coding.get("code") else None
    return None


def _flat(patient: Mapping[str, Any], encounter: Mapping[str, Any]) -> dict[str, object]:
    name: Mapping[str, Any] = next(iter(patient.get("name") or ()), {})
    address: Mapping[str, Any] = next(iter(patient.get("address") or ()), {})
    number: Mapping[str, Any] = next(
        (each for each in patient.get("identifier") or () if each.get("system") == systems.NHS_NUMBER), {}
    )
    place: Mapping[str, Any] = next(iter(encounter.get("location") or ()), {})
    reason: Mapping[str, Any] = next(iter(encounter.get("reasonCode") or ()), {})
    period: Mapping[str, Any] = encounter.get("period") or {}
    provider: Mapping[str, Any] = encounter.get("serviceProvider") or {}
    finished = encounter.get("status") == "finished"
    return {
        "nhs_number": number.get("value"),
        "nhs_number_status": _status(number) if number.get("value") else None,
        "family_name": name.get("family"),
        "given_name": _joined(name.get("given"), " "),
        "birth_date": patient.get("birthDate"),
        "gender": patient.get("gender"),
        "lines": _joined(address.get("line"), ", "),
        "town": address.get("city"),
        "postcode": address.get("postalCode"),
        "kind": "discharge" if finished else "admission",
        "status": encounter.get("status"),
        "admitted_at": period.get("start"),
        "discharged_at": period.get("end"),
        "ward": (place.get("location") or {}).get("display"),
        "reason": reason.get("text"),
        "organisation": (provider.get("identifier") or {}).get("value"),
    }
