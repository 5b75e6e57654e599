"""Shape a disclosure as a FHIR R4 Bundle: pure, and the same bytes for the same disclosure.

A withheld element carries data-absent-reason `masked`, one that nobody holds `unknown`: a clinician can tell
"there is more, ask" from "nothing is known".
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5

import orjson

from connectors.nhs_fhir import systems
from wye.ports import Disclosure

Json = dict[str, object]
Row = Mapping[str, object]


def bundle(disclosure: Disclosure) -> bytes:
    """Write the Bundle: a collection of the Patient and what hangs on it."""
    patient_id = _id(disclosure, "patient", 0)
    patient: Json = {"reference": f"urn:uuid:{patient_id}"}
    resources = [_patient(disclosure, patient_id)]
    for build, entity in ((_episode, "care_package"), (_care_team, "involvement"), (_related_person, "relationship")):
        for place, row in enumerate(disclosure.entities.get(entity, ())):
            resources.append({**build(row, patient), "id": _id(disclosure, entity, place)})
    stamp = disclosure.at.isoformat(timespec="milliseconds")
    content: Json = {
        "resourceType": "Bundle",
        "id": _id(disclosure, "bundle", 0),
        "meta": {
            "tag": [{"system": systems.AGREEMENT, "code": disclosure.agreement, "version": disclosure.version}],
            "lastUpdated": stamp,
        },
        "type": "collection",
        "timestamp": stamp,
        "entry": [{"fullUrl": f"urn:uuid:{item['id']}", "resource": item} for item in resources],
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _patient(disclosure: Disclosure, number: str) -> Json:
    person: Row = next(iter(disclosure.entities.get("person", ())), {})

    def absent(field: str) -> Json | None:
        name = f"person.{field}"
        reason = "masked" if name in disclosure.masked else "unknown" if name in disclosure.unknown else None
        return None if reason is None else {"extension": [{"url": systems.ABSENT, "valueCode": reason}]}

    found: Json = {
        "resourceType": "Patient",
        "id": number,
        "meta": {"profile": [systems.PATIENT]},
        "identifier": _identifiers(disclosure, person, absent),
        "name": [_name(person, absent)],
    }
    gender = systems.GENDERS.get(str(person["sex"]), "unknown") if "sex" in person else None
    for field, element, value in (("birth_date", "birthDate", person.get("birth_date")), ("sex", "gender", gender)):
        if value is not None:
            found[element] = value
        elif (why := absent(field)) is not None:
            found[f"_{element}"] = why
    if person.get("death_date"):
        found["deceasedDateTime"] = person["death_date"]
    for entity, element, build in (("address", "address", _address), ("contact_point", "telecom", _telecom)):
        rows = [build(row) for row in disclosure.entities.get(entity, ())]
        if not rows and any(name.startswith(f"{entity}.") for name in disclosure.masked):
            rows = [{"extension": [{"url": systems.ABSENT, "valueCode": "masked"}]}]
        if rows:
            found[element] = rows
    return found


def _identifiers(disclosure: Disclosure, person: Row, absent: Callable[[str], Json | None]) -> list[Json]:
    identifiers: list[Json] = [{"system": systems.SUBJECT, "value": disclosure.subject}]
    if person.get("nhs_number"):
        status = {"coding": [{"system": systems.VERIFICATION_CODES, "code": "02"}]}
        identifiers.append(
            {
                "system": systems.NHS_NUMBER,
                "value": person["nhs_number"],
                "extension": [{"url": systems.VERIFICATION, "valueCodeableConcept": status}],
            }
        )
    elif (why := absent("nhs_number")) is not None:
        identifiers.append({"system": systems.NHS_NUMBER, "_value": why})
    return identifiers


def _name(person: Row, absent: Callable[[str], Json | None]) -> Json:
    name: Json = {"use": "official"}
    given = [part for key in ("given_name", "middle_names") for part in str(person.get(key) or "").split()]
    if given:
        name["given"] = given
    if person.get("title"):
        name["prefix"] = [person["title"]]
    if person.get("family_name"):
        name["family"] = person["family_name"]
    elif (why := absent("family_name")) is not None:
        name["_family"] = why
    return name


def _address(row: Row) -> Json:
    found: Json = {"use": "temp" if row.get("kind") == "temporary" else "home"}
    for ours, theirs in (("town", "city"), ("postcode", "postalCode")):
        if row.get(ours):
            found[theirs] = row[ours]
    if row.get("lines"):
        found["line"] = [part.strip() for part in str(row["lines"]).split(",") if part.strip()]
    period = _period(row)
    if period:
        found["period"] = period
    if row.get("uprn"):
        key_type = {"coding": [{"system": systems.ADDRESS_KEY_TYPE, "code": "UPRN"}]}
        found["extension"] = [
            {
                "url": systems.ADDRESS_KEY,
                "extension": [
                    {"url": "type", "valueCodeableConcept": key_type},
                    {"url": "value", "valueString": row["uprn"]},
                ],
            }
        ]
    return found


def _telecom(row: Row) -> Json:
    kind = row.get("kind")
    found: Json = {"system": "email" if kind == "email" else "phone", "value": row.get("value")}
    if kind == "mobile":
        found["use"] = "mobile"
    return found


def _episode(row: Row, patient: Json) -> Json:
    found: Json = {
        "resourceType": "EpisodeOfCare",
        "status": "finished" if row.get("to_date") else "active",
        "patient": patient,
        "type": [{"text": row.get("service", "not stated")}],
    }
    if row.get("provider"):
        found["managingOrganization"] = {"display": row["provider"]}
    period = _period(row)
    if period:
        found["period"] = period
    return found


def _care_team(row: Row, patient: Json) -> Json:
    participant: Json = {"role": [{"text": row.get("role") or "worker"}]}
    if row.get("worker"):
        participant["member"] = {"display": row["worker"]}
    if row.get("team"):
        participant["onBehalfOf"] = {"display": row["team"]}
    found: Json = {
        "resourceType": "CareTeam",
        "status": "inactive" if row.get("to_date") else "active",
        "subject": patient,
        "name": row.get("service", "not stated"),
        "participant": [participant],
    }
    period = _period(row)
    if period:
        found["period"] = period
    return found


def _related_person(row: Row, patient: Json) -> Json:
    system, code = systems.RELATIONSHIPS.get(str(row.get("kind")), systems.RELATIONSHIPS["other"])
    found: Json = {
        "resourceType": "RelatedPerson",
        "patient": patient,
        "relationship": [{"coding": [{"system": system, "code": code}]}],
    }
    period = _period(row)
    if period:
        found["period"] = period
    return found


def _period(row: Row) -> Json:
    period: Json = {}
    for ours, theirs in (("from_date", "start"), ("to_date", "end")):
        if row.get(ours):
            period[theirs] = row[ours]
    return period


def _id(disclosure: Disclosure, entity: str, place: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"wye:{disclosure.agreement}:{disclosure.subject}:{entity}:{place}"))


def resources_of(content: Mapping[str, object], kind: str) -> Sequence[Mapping[str, object]]:
    """List a Bundle's resources of one type."""
    entries = content.get("entry")
    found = [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [item for item in found if isinstance(item, dict) and item.get("resourceType") == kind]
