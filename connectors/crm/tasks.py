"""Put proposed corrections before customer services as Dataverse tasks, each once, and read what became of them.

A task's id is the proposal's, given by us: `If-None-Match: *` makes the server refuse to write it a second time. A batch is not
one transaction at the server; each task is there or not, and writing the batch again adds what is missing.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from connectors.crm.webapi import WebApi
from wye.ports import BadInput, WrittenBatch

NEEDED = frozenset({"proposal", "person_id", "field", "value", "accepted_on"})

LABELS: Mapping[str, str] = {
    "family_name": "Last Name",
    "given_name": "First Name",
    "middle_names": "Middle Name",
    "birth_date": "Birthday",
    "sex": "Gender",
    "title": "Salutation",
}
"""The fields that a contact has, in Dataverse's own labels: what else is proposed has no place there."""

CANCELLED = 2
STATES: Mapping[object, str] = {1: "accepted", CANCELLED: "refused"}
"""statecode of a task: 1 completed, 2 cancelled; 0 is open."""

AT_ONCE = 50
"""Ids in one query: an address has its limits."""


def write_tasks(api: WebApi, items: Sequence[Mapping[str, object]], batch: str) -> WrittenBatch:
    """Write one task to an item; one that is there already is left as it is, one that is withdrawn is cancelled.

    Raises BadInput before anything is written.
    """
    tasks = [
        (_guid(place, item, "proposal"), None if item.get("withdrawn") else _task(place, item))
        for place, item in enumerate(items)
    ]
    for number, task in tasks:
        if task is None:
            api.change(f"tasks({number})", {"statecode": CANCELLED})
        else:
            api.create(f"tasks({number})", task)
    return WrittenBatch(batch, len(tasks))


def read_answers(api: WebApi, items: Sequence[str]) -> dict[str, str]:
    """Tell which of these tasks were completed or cancelled."""
    found: dict[str, str] = {}
    for start in range(0, len(items), AT_ONCE):
        listed = ",".join(f"'{UUID(item)}'" for item in items[start : start + AT_ONCE])
        chosen = f"Microsoft.Dynamics.CRM.In(PropertyName='activityid',PropertyValues=[{listed}])"
        page = api.get(f"tasks?$select=activityid,statecode&$filter={chosen}")
        rows = page.get("value")
        for row in rows if isinstance(rows, list) else []:
            if row.get("statecode") in STATES:
                found[str(row["activityid"]).lower()] = STATES[row["statecode"]]
    return found


def _task(place: int, item: Mapping[str, object]) -> dict[str, object]:
    if lacking := sorted(NEEDED - item.keys()):
        raise BadInput(f"item {place} of the proposals lacks `{'`, `'.join(lacking)}`")
    label = LABELS.get(str(item["field"]))
    if label is None:
        raise BadInput(f"item {place} of the proposals is of field `{item['field']}`, which a contact has not")
    return {
        "subject": f"Proposed correction: {label}",
        "description": (
            f"A data steward of the council found on {item['accepted_on']} that this is right.\n"
            f"{label}: {item['value']}\n"
            "Complete this task once the contact is changed; cancel it if the contact is right as it is."
        ),
        "regardingobjectid_contact_task@odata.bind": f"/contacts({_guid(place, item, 'person_id')})",
    }


def _guid(place: int, item: Mapping[str, object], member: str) -> UUID:
    try:
        return UUID(str(item.get(member)))
    except ValueError:
        raise BadInput(f"item {place} of the proposals: `{member}` is no GUID") from None
