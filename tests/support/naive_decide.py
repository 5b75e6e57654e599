"""Decide slowly and obviously: the reference that the compiled policy is compared with. Imports nothing of wye.sharing.

Reads the agreement's YAML itself, restates each rule in the order of the design, and knows no class of the engine:
facts are plain dictionaries.
"""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import naive_transforms
import yaml

WHOLE = {
    ("address", "kind"), ("address", "lines"), ("address", "town"), ("address", "postcode"), ("address", "uprn"),
    ("address", "from_date"), ("address", "to_date"), ("contact_point", "kind"), ("contact_point", "value"),
    ("contact_point", "preferred"), ("flag", "kind"), ("care_package", "provider"), ("involvement", "team"),
    ("care_package", "provider_reference"), ("encounter", "organisation"), ("encounter", "ward"),
    ("liability", "account"), *naive_transforms.FREE_TEXT,
}  # fmt: skip
"""Fields that help to find somebody."""
PERSON = UUID(int=1)
"""Every decision here is about one invented person, known to the hub by this number."""
ENDS = {"referral": ("received_on", "closed_on")}


def agreement_of(folder: Path) -> dict:
    return yaml.safe_load((folder / "agreement.yaml").read_text(encoding="utf-8"))


def decide(agreement: dict, request: dict, facts: dict, at: datetime) -> dict:  # noqa: C901  told from top to bottom
    """Give {"outcome", "clause", "entities", "fields": [(entity, field, action, clause)]}."""
    day = at.astimezone(ZoneInfo("Europe/London")).date()
    stop = person_stop(agreement, request, facts, day)
    if stop:
        return {"outcome": "withhold", "clause": stop, "entities": {}, "fields": []}
    fields = []
    entities = {}
    items = [item for item in agreement["data_items"] if item["direction"] == "out"]
    row = {}
    for item in items:
        if item["entity"] == "person":
            values = facts["person"].get(item["field"], [])
            fields.append(choose(agreement, item, values, row, request, facts, day))
    if row:
        entities["person"] = [row]
    for entity in dict.fromkeys(item["entity"] for item in items if item["entity"] != "person"):
        for known in facts["rows"].get(entity, []):
            row = {}
            for item in items:
                if item["entity"] == entity:
                    value = known["values"].get(item["field"])
                    values = [] if value is None else [{**known, "value": value}]
                    fields.append(choose(agreement, item, values, row, request, facts, day))
            if row and row not in entities.get(entity, []):
                entities.setdefault(entity, []).append(row)
    if not entities:
        return {"outcome": "withhold", "clause": "default", "entities": {}, "fields": fields}
    return {"outcome": "release", "clause": "items", "entities": entities, "fields": fields}


def person_stop(  # noqa: C901, PLR0911, PLR0912  one rule after another, on purpose
    agreement: dict, request: dict, facts: dict, day: date
) -> str | None:
    """Name the first rule that stops the whole release."""
    if request["agreement"] != agreement["id"] or request["recipient"] != agreement["route"]["partner"]:
        return "request"
    if request["purpose"] != agreement["purpose"]["code"]:
        return "request"
    if not subject(agreement["subjects"], facts, day):
        return "subjects"
    if facts["sealed_identity"] in (None, True):
        return "prohibited"
    if not agreement["effective"] <= day <= agreement["expires"]:
        return "in-force"
    if facts["restricted"] in (None, True) or facts["restricted_against"] is None:
        return "restricted-record"
    if agreement["route"]["partner"] in facts["restricted_against"]:
        return "restricted-record"
    consent = agreement["consent"]
    if consent["objections"]["use"] != "not-used":
        if facts["consents"] is None:
            return "objection"
        for said in facts["consents"]:
            if said["kind"] == "objection" and said["scope"] == consent["objections"]["scope"] and said["given"]:
                return "objection"
    points = {point["point"] for party in agreement["parties"] for point in party["lawful_basis"].get("article6", [])}
    if points & {"e", "f"} and facts["consents"] is None:
        return "objection"
    for said in facts["consents"] or []:
        if said["kind"] == "objection" and said["given"] and agreement["id"] in said["upheld"]:
            return "objection"
    if consent["use"] != "not-used":
        if facts["consents"] is None:
            return "consent"
        heard = [said["given"] for said in facts["consents"]
                 if said["kind"] == consent["kind"] and said["scope"] == consent["scope"]]  # fmt: skip
        if False in heard or (consent["use"] == "required" and True not in heard):
            return "consent"
    entitling = agreement.get("relationship", {}).get("any_of", [])
    broken = agreement["break_glass"]["permitted"] and entitling and facts.get("break_glass")
    if request["role"] != "feed" and request["relationship"] not in entitling and not broken:
        return "relationship"
    within = agreement.get("relationship", {}).get("trained_within")
    if request["role"] != "feed" and within and not in_date(request["trained_on"], within, day):
        return "training"
    if agreement["national_data_opt_out"]["applies"] and facts["opt_out"] != "named, and in date":
        return "opt-out"
    if facts["unread"] in (None, True):
        return "unread-protection"
    return None


def in_date(trained: str | None, within: str, day: date) -> bool:
    if trained is None or date.fromisoformat(trained) > day:
        return False
    begun = date.fromisoformat(trained)
    # As text, a 29 February of a common year comes before 1 March.
    return day.isoformat() <= f"{begun.year + int(within[1:-1])}{trained[4:]}"


def subject(clause: dict, facts: dict, day: date) -> bool:
    has = clause["has"]
    rows = [
        row for row in facts["rows"].get(has["entity"], [])
        if row["source"] in has["sources"] and row["values"].get(has["field"]) in has["in"]
        and (not has["open"] or lasts(has["entity"], row["values"], day))
    ]  # fmt: skip
    if not rows:
        return False
    low, high = clause.get("minimum_age"), clause.get("maximum_age")
    if low is None and high is None:
        return True
    births = facts["person"].get("birth_date", [])
    if not births:
        return False
    born = date.fromisoformat(births[0]["value"])
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return (low is None or age >= low) and (high is None or age <= high)


def lasts(entity: str, values: dict, day: date) -> bool:
    begins, ends = ENDS.get(entity, ("from_date", "to_date"))
    if values.get(begins) and date.fromisoformat(values[begins]) > day:
        return False
    if values.get(ends) and date.fromisoformat(values[ends]) < day:
        return False
    return entity != "referral" or values.get("status") == "open"


def choose(agreement: dict, item: dict, values: list, row: dict, request: dict, facts: dict, day: date) -> tuple:  # noqa: PLR0911  one return to a rule reads best
    """Put the value that leaves into the row, and say what happened to the field."""
    name = (item["entity"], item["field"])
    if not values:
        return (*name, "unknown", "unknown")
    passing = [value for value in values if value_stop(agreement, item, value, facts, day) is None]
    if not passing:
        return (*name, "withhold", value_stop(agreement, item, values[0], facts, day))
    if request["role"] not in item["roles"]:
        return (*name, "withhold", "roles")
    if name in WHOLE and "must_know" not in item and facts["safe_address"] in (None, True):
        return (*name, "withhold", "safe-address")
    if name in naive_transforms.FREE_TEXT and item["transform"] not in ("as-is", "flag-only", "drop"):
        return (*name, "withhold", "free-text")
    if not naive_transforms.fits(item["transform"], *name):
        return (*name, "withhold", "transform-fits")
    if item["transform"] == "drop":
        return (*name, "withhold", "drop")
    key, value = agreement.get("key"), passing[0]["value"]
    row[item["field"]] = naive_transforms.changed(item["transform"], value, PERSON, day, key)
    return (*name, "release", "items")


def value_stop(agreement: dict, item: dict, value: dict, facts: dict, day: date) -> str | None:  # noqa: PLR0911  one return to a rule reads best
    """Name the rule that stops one source's value."""
    if value["source"] in ("civica_revenues", "electoral_register"):
        return "prohibited-source"
    if value["source"] not in item["sources"]:
        return "sources"
    condition = item.get("rows")
    if condition is not None:
        if "field" in condition and value["values"].get(condition["field"]) not in condition["in"]:
            return "rows"
        if condition.get("open") and not lasts(item["entity"], value["values"], day):
            return "rows"
    if value["agreement"] is not None:
        allowed = (facts["onward"] or {}).get(value["agreement"], [])
        if agreement["route"]["partner"] not in allowed:
            return "onward"
    if item["entity"] == "person" and value["doubt"]:
        return "doubted"
    return None
