"""Write partners' notices on to the care system, each once, so that a social worker finds them where they work."""

from collections.abc import Mapping

from wye.road import rows
from wye.road.handing import hand
from wye.road.hub import Hub

STREAM = "referrals"
POLICE = "6"
"""Source of a referral: police (Standard Safeguarding Dataset code list)."""


def hand_on(hub: Hub) -> dict[str, int]:
    """Write every notice that was linked to a person and not yet handed on."""
    system = hub.settings.care_system
    written = hand(hub, system, STREAM, {})
    while found := rows.notices(hub.conn, system, STREAM, hub.settings.batch_rows):
        items = {record: referral(incident, case, person) for record, incident, case, person in found}
        written += hand(hub, system, STREAM, items)
    return {"written": written}


def referral(incident: Mapping[str, object], case: str | None, person: Mapping[str, object]) -> dict[str, object]:
    """Write one notice as a referral: with the care system's own number of the person, if it knows them."""
    told = {key: person.get(key) for key in ("family_name", "given_name", "birth_date", "sex")}
    event = {
        key: incident.get(key)
        for key in ("reference", "kind", "role", "category", "occurred_at", "detail", "children_present", "handling")
    }
    return {"person_id": case, "referred_by": POLICE, **told, **event}
