"""Write a report as FHIR R4 AuditEvents after IHE Basic Audit Log Patterns: PrivacyDisclosure.Source, one to an entry.

Profile: https://profiles.ihe.net/ITI/BALP, read at 1.1.5. What it asks and the trail does not hold is said as unknown
(docs/audit.md lists it). Accounts are never in it: staff are not named to the person.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from wye.errors import EvidenceBroken
from wye.road.report.draft_body import Sent
from wye.road.report.released import Released, ReleasedLine

PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
DISCLOSE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
SOURCE_TYPE = "http://terminology.hl7.org/CodeSystem/security-source-type"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
URI = "urn:ietf:rfc:3986"
Json = dict[str, Any]


def bundle(released: Released) -> bytes:
    """Write a Bundle of type collection; raises EvidenceBroken if FHIR's referee refuses it."""
    written = orjson.dumps(_bundle(released), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    _check(written)
    return written


def _check(written: bytes) -> None:
    """Have the Bundle read by fhir.resources (R4B, the same as R4 for AuditEvent)."""
    from fhir.resources.R4B.bundle import Bundle
    from pydantic import ValidationError

    try:
        Bundle.model_validate_json(written)
    except ValidationError as error:
        where = ", ".join(sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()}))
        raise EvidenceBroken(f"the report makes no FHIR Bundle, at: {where}") from None


def _bundle(released: Released) -> Json:
    sent = sorted(
        ((line, each) for line in released.lines for each in line.sent), key=lambda one: (one[1].at, one[1].entry)
    )
    events = [_event(released, line, each) for line, each in sent]
    made: Json = {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": URI, "value": released.report.urn},
        "timestamp": _instant(released.as_of),
    }
    if events:  # FHIR has no empty lists
        made["entry"] = [{"fullUrl": f"urn:uuid:{event['id']}", "resource": event} for event in events]
    return made


def _event(released: Released, line: ReleasedLine, sent: Sent) -> Json:
    council = {"type": "Organization", "identifier": {"value": released.council_id}, "display": released.council}
    recipient = {"type": "Organization", "identifier": {"value": line.recipient}, "display": line.words.recipient}
    return {
        "resourceType": "AuditEvent",
        "id": str(sent.entry),
        "meta": {"profile": [PROFILE]},
        "type": _coding(DCM, "110106", "Export"),
        "subtype": [_coding(DISCLOSE, "disclose", "Disclose Record Lifecycle Event")],
        "action": "R",
        "recorded": _instant(sent.at),
        "outcome": "0",
        "purposeOfEvent": [{"text": line.words.purpose}],
        "agent": [
            _agent("110153", "Source Role ID", council, requestor=True),
            _agent("110152", "Destination Role ID", recipient, requestor=False),
        ],
        "source": {"observer": council, "type": [_coding(SOURCE_TYPE, "4", "Application Server")]},
        "entity": [
            {
                "what": {"type": "Patient", "identifier": {"system": URI, "value": released.person.urn}},
                "type": _coding(ENTITY_TYPE, "1", "Person"),
                "role": _coding(ROLE, "1", "Patient"),
            },
            {
                "what": {"identifier": {"system": URI, "value": (sent.message or sent.entry).urn}},
                "type": _coding(ENTITY_TYPE, "2", "System Object"),
                "role": _coding(ROLE, "3", "Report"),
                "description": line.words.agreement,
                "detail": [{"type": "field", "valueString": field} for field in sent.fields],
            },
        ],
    }


def _agent(code: str, display: str, who: Mapping[str, object], *, requestor: bool) -> Json:
    return {
        "type": {"coding": [_coding(DCM, code, display)]},
        "who": dict(who),
        "requestor": requestor,
        "network": {"extension": [{"url": ABSENT, "valueCode": "unknown"}]},  # the trail holds no address
    }


def _coding(system: str, code: str, display: str) -> Json:
    return {"system": system, "code": code, "display": display}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
