"""Choose who shapes a disclosure: the partner's connector, or Wye itself where the format is our own."""

import orjson

from schemas.catalogue import ENTITIES
from wye.agreements.model import Agreement
from wye.errors import UsageError
from wye.ports import BadInput, Disclosure, Shapes
from wye.road.hub import Hub
from wye.vocabulary import MediaType


class CanonicalJson:
    """Shape a disclosure as Wye's own JSON: the canonical entities and fields, by their names in `schemas/`."""

    media_type = "application/vnd.wye.canonical+json"

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


def shaper(hub: Hub, agreement: Agreement) -> Shapes:
    """Find the shaper of an agreement's format; raises UsageError if its connector has none."""
    if agreement.format.media_type is MediaType.CANONICAL_JSON:
        return CanonicalJson()
    connector = hub.connector(agreement.route.connector)
    if not isinstance(connector, Shapes):
        raise UsageError(f"agreement `{agreement.id}`: connector `{agreement.route.connector}` shapes nothing")
    return connector
