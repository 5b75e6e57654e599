"""Write and read POLE messages: pure. The words are those of the NPCC Minimum POLE Data Standards v1.1."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from wye.ports import BadInput, Disclosure

SCHEMA = Path(__file__).parent / "pole.schema.json"
GENDERS = {"M": "Male", "F": "Female"}
SEXES = {"Male": "M", "Female": "F"}
ROLES = {
    "P_002": "suspect",
    "P_004": "victim",
    "P_005": "witness",
    "P_008": "subject",
    "P_009": "vulnerable-child",
    "P_010": "vulnerable-adult",
    "P_012": "involved-party",
}
EVENTS = {
    "E_001": "crime",
    "E_002": "incident",
    "E_003": "custody",
    "E_004": "stop-search",
    "E_005": "safeguarding",
    "E_006": "anti-social-behaviour",
}
ENTITY_OF_ROLE = {role: entity for entity, role in ROLES.items()}
ENTITY_OF_EVENT = {kind: entity for entity, kind in EVENTS.items()}


@lru_cache(maxsize=1)
def validator() -> Any:
    """Compile the schema once."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(orjson.loads(SCHEMA.read_bytes()))


def check(body: bytes) -> Mapping[str, Any]:
    """Validate a POLE message and give its content; raises BadInput naming the place, never the value."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadInput("not a POLE message: it is no JSON") from None
    wrong = next(iter(validator().iter_errors(content)), None)
    if wrong is not None:
        place = "/".join(str(part) for part in wrong.absolute_path) or "the top"
        raise BadInput(f"not a POLE message at `{place}`: breaks `{wrong.validator}` of the schema")
    found: Mapping[str, Any] = content
    return found


def message(disclosure: Disclosure) -> bytes:
    """Write what a decision releases as one POLE message."""
    person: Mapping[str, Any] = next(iter(disclosure.entities.get("person", ())), {})
    referrals = disclosure.entities.get("referral", ())
    child = any(row.get("kind") == "safeguarding-child" for row in referrals)
    contacts = disclosure.entities.get("contact_point", ())
    found: dict[str, Any] = {
        "id": disclosure.subject,
        "entity": ENTITY_OF_ROLE["vulnerable-child" if child else "vulnerable-adult"],
    }
    given = [part for key in ("given_name", "middle_names") for part in str(person.get(key) or "").split()]
    elements = (
        ("givenNames", given),
        ("surname", person.get("family_name")),
        ("dateOfBirth", person.get("birth_date")),
        ("gender", GENDERS.get(str(person["sex"]), "Not Known") if "sex" in person else None),
        ("telephones", [row["value"] for row in contacts if row.get("kind") != "email"]),
        ("emails", [row["value"] for row in contacts if row.get("kind") == "email"]),
    )
    found |= {element: value for element, value in elements if value}
    content = {
        "pole": "1",
        "kind": "share",
        "id": f"{disclosure.agreement}:{disclosure.subject}",
        "agreement": disclosure.agreement,
        "version": disclosure.version,
        "at": disclosure.at.isoformat(timespec="milliseconds"),
        "persons": [found],
        "locations": [_location(row) for row in disclosure.entities.get("address", ())],
        "events": [_event(row) for row in referrals],
        "masked": sorted(disclosure.masked),
        "unknown": sorted(disclosure.unknown),
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _location(row: Mapping[str, Any]) -> dict[str, Any]:
    named = (("address", "lines"), ("town", "town"), ("postcode", "postcode"))
    return {"entity": "L_001", "country": "GBR", **{theirs: row[ours] for theirs, ours in named if row.get(ours)}}


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    named = (("category", "reason"), ("occurredAt", "received_on"), ("status", "status"), ("detail", "detail"))
    return {"entity": "E_005", **{theirs: row[ours] for theirs, ours in named if row.get(ours)}}
