"""Shape what goes to the police, and read the notices that come back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.police import pole
from schemas.address import Address
from schemas.incident import Incident
from schemas.person import Person
from wye.ports import BadInput, Canonical, Disclosure, SourceRow, record_id

NOTICES = "notices"


class Police:
    """Be the POLE side of a force: nothing is fetched, messages come and go by queue."""

    name = "police"
    contract = Path(__file__).parent / "contract.odcs.yaml"
    media_type = "application/vnd.wye.pole+json"

    def __init__(self, config: Mapping[str, str]) -> None:
        self._config = dict(config)

    def streams(self) -> tuple[str, ...]:
        """List the one stream that forces send."""
        return (NOTICES,)

    def shape(self, disclosure: Disclosure) -> bytes:
        """Write a POLE message."""
        return pole.message(disclosure)

    def check_shaped(self, body: bytes) -> None:
        """Validate a POLE message against its schema; raises BadInput."""
        pole.check(body)

    def rows(self, stream: str, body: bytes, received_at: datetime) -> Sequence[SourceRow]:
        """Read a notice (one person, one event) into one row; raises BadInput."""
        if stream != NOTICES:
            raise BadInput(f"no stream `{stream}` of `{self.name}`; there is: {NOTICES}")
        content = pole.check(body)
        if content["kind"] != "notice" or len(content["persons"]) != 1 or len(content["events"]) != 1:
            raise BadInput("a notice has kind `notice`, one person and one event")
        return [SourceRow(str(content["id"]), _flat(content), received_at)]

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        """Map a notice to the person, where they were said to live, and the incident.

        POLE exports carry values in an NHS number column that are none: the layout has no such field, so none is read.
        """
        subject = record_id(self.name, stream, row.key)
        values: Mapping[str, Any] = row.values
        yield Person(
            subject=subject,
            family_name=values["family_name"],
            given_name=values["given_name"],
            birth_date=values["birth_date"],
            sex=pole.SEXES.get(str(values["gender"]), "U"),
        )
        if values["postcode"] or values["address"]:
            yield Address(subject=subject, kind="home", lines=values["address"], postcode=values["postcode"])
        yield Incident(
            subject=subject,
            kind=pole.EVENTS[values["event"]],
            role=pole.ROLES[values["role"]],
            occurred_at=values["occurred_at"],
            category=values["category"],
            detail=values["detail"],
            children_present=values["children_present"],
            handling=values["handling"],
            reference=values["reference"],
        )


def _flat(content: Mapping[str, Any]) -> dict[str, object]:
    person, event = content["persons"][0], content["events"][0]
    place: Mapping[str, Any] = next(iter(content.get("locations") or ()), {})
    return {
        "role": person["entity"],
        "family_name": person.get("surname"),
        "given_name": " ".join(person.get("givenNames") or ()) or None,
        "birth_date": person.get("dateOfBirth"),
        "gender": person.get("gender"),
        "address": place.get("address"),
        "postcode": place.get("postcode"),
        "event": event["entity"],
        "reference": event.get("reference"),
        "occurred_at": event.get("occurredAt"),
        "category": event.get("category"),
        "detail": event.get("detail"),
        "children_present": event.get("childrenPresent"),
        "handling": event.get("handling"),
    }
