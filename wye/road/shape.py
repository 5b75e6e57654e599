"""Choose who shapes a disclosure: the partner's connector, or Wye itself where the format is our own."""

from dataclasses import dataclass

import orjson

from schemas.catalogue import ENTITIES
from wye.agreements.identifiers import barred, works_in
from wye.agreements.model import Agreement
from wye.errors import AgreementRefused, UsageError
from wye.ports import BadInput, Disclosure, Shapes
from wye.road.hub import Hub
from wye.vocabulary import MediaType

MADE = {
    MediaType.FHIR_R4_BUNDLE: "application/fhir+json",
    MediaType.POLE_JSON: "application/vnd.wye.pole+json",
    MediaType.CANONICAL_JSON: "application/vnd.wye.canonical+json",
}
"""What each signed format is on the wire."""


class CanonicalJson:
    """Shape a disclosure as Wye's own JSON: the canonical entities and fields, by their names in `schemas/`."""

    media_type = MADE[MediaType.CANONICAL_JSON]

    def shape(self, disclosure: Disclosure) -> bytes:
        """Write the released rows, and the names of what is masked or unknown."""
        content = {
            "subject": disclosure.subject,
            "agreement": disclosure.agreement,
            "version": disclosure.version,
            "at": disclosure.at.isoformat(timespec="milliseconds"),
            "entities": {entity: list(rows) for entity, rows in disclosure.entities.items()},
            "masked": sorted(disclosure.masked),
            "unknown": sorted(disclosure.unknown),
        }
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)

    def check_shaped(self, body: bytes) -> None:
        """Check that every entity and field is one of the model's; raises BadInput naming the first that is not."""
        content = orjson.loads(body)
        for entity, rows in content["entities"].items():
            kind = ENTITIES.get(entity)
            if kind is None:
                raise BadInput(f"`{entity}` is no entity of the model")
            for row in rows:
                for field in row:
                    if field not in kind.model_fields:
                        raise BadInput(f"`{entity}.{field}` is no field of the model")


@dataclass(frozen=True, slots=True)
class Guarded:
    """Shape by another, once it is sure that no identifier goes to whoever may not use it.

    No agreement that was checked names such an item. This stands behind the checks: what they let slip goes nowhere.
    """

    shapes: Shapes
    recipient: str
    barred: frozenset[tuple[str, str]]

    @property
    def media_type(self) -> str:
        """Give the other's."""
        return self.shapes.media_type

    def shape(self, disclosure: Disclosure) -> bytes:
        """Shape; raises AgreementRefused naming the field that must not go, and nothing is committed."""
        for entity, field in self.barred:
            if any(field in row for row in disclosure.entities.get(entity, ())):
                raise AgreementRefused(
                    f"agreement `{disclosure.agreement}`: `{entity}.{field}` may not go to `{self.recipient}`, and nothing went"
                )
        return self.shapes.shape(disclosure)

    def check_shaped(self, body: bytes) -> None:
        """Check as the other does."""
        self.shapes.check_shaped(body)


def shaper(hub: Hub, agreement: Agreement) -> Shapes:
    """Find the shaper of an agreement's format, with a guard on identifiers; raises UsageError if its connector has none."""
    recipient = agreement.party(agreement.recipient)
    may_not = barred(works_in(recipient)) if recipient is not None else barred(frozenset())
    return Guarded(_shaper(hub, agreement), agreement.recipient, may_not)


def _shaper(hub: Hub, agreement: Agreement) -> Shapes:
    if agreement.format.media_type is MediaType.CANONICAL_JSON:
        return CanonicalJson()
    if agreement.route.connector is None:
        raise UsageError(f"agreement `{agreement.id}` is open data: nothing about a person is shaped")
    connector = hub.connector(agreement.route.connector)
    if not isinstance(connector, Shapes):
        raise UsageError(f"agreement `{agreement.id}`: connector `{agreement.route.connector}` shapes nothing")
    if connector.media_type != MADE[agreement.format.media_type]:
        raise AgreementRefused(
            f"agreement `{agreement.id}`: connector `{agreement.route.connector}` makes `{connector.media_type}`, and"
            f" `{agreement.format.media_type}` was signed"
        )
    return connector
