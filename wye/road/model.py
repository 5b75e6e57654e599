"""Look at versions of the linkage model, and put one in force: on the record, with a reason, and seen before it is done."""

from dataclasses import dataclass
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.identity import model, model_rows
from wye.identity.model_rows import Version
from wye.identity.preview import Preview, preview
from wye.road.hub import Hub
from wye.vocabulary import EventKind

SHIPPED = "shipped"
"""What the model that comes with Wye is called where versions are named."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a version with what it would change; `version` is None for the one that comes with Wye."""

    name: str
    in_force: bool
    version: Version | None
    parameters: model.Parameters
    preview: Preview


def show(hub: Hub, name: str) -> Shown:
    """Show a version, and what the people of this hub would be by it; raises UsageError if there is none."""
    version, parameters = _named(hub, name)
    ahead = preview(hub.conn, parameters)
    return Shown(name, _is_in_force(hub, version), version, parameters, ahead)


def parameters_of(hub: Hub, name: str) -> model.Parameters:
    """Read the parameters of a version; raises UsageError if there is none."""
    return _named(hub, name)[1]


def use(hub: Hub, name: str, reason: str) -> None:
    """Put a version in force, with its entry; the next run of identify looks at every record by it.

    Raises UsageError if there is none of that name, if it does not fit this release, if it is in force already, or
    without a reason.
    """
    if not reason.strip():
        raise UsageError("a reason is needed: who reads the log later must see why people were linked otherwise")
    at = hub.at()
    with hub.conn.transaction():
        version, _ = _named(hub, name)
        if _is_in_force(hub, version):
            raise UsageError(f"version `{name}` is in force already")
        model_rows.use(hub.conn, version.id if version else None, hub.actor, reason, at)
        event = Event(
            kind=EventKind.MODEL,
            at=at,
            actor=hub.actor,
            purpose="person index",
            outcome="in force",
            detail={"version": name, "reason": reason},
        )
        append(hub.conn, hub.keys, [event], at)


def _named(hub: Hub, name: str) -> tuple[Version | None, model.Parameters]:
    if name == SHIPPED:
        return None, model.shipped()
    try:
        found = model_rows.versions(hub.conn, UUID(name))
    except ValueError:
        found = []
    if not found:
        raise UsageError(f"no version `{name}` of the linkage model; `wye people model list` names those there are")
    if not model.fits(found[0].parameters):
        raise UsageError(f"version `{name}` was learnt for what another release compares; learn a new one")
    return found[0], found[0].parameters


def _is_in_force(hub: Hub, version: Version | None) -> bool:
    return model_rows.shipped_is_in_force(hub.conn) if version is None else version.state == "in force"
