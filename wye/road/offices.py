"""Tie an office that an agreement names to accounts: who holds it stands in the settings, and nobody else decides for it."""

from collections.abc import Iterator

from wye.agreements.in_force import Standing
from wye.errors import UsageError
from wye.road.hub import Hub
from wye.vocabulary import Restriction


def holders(hub: Hub, office: str) -> tuple[str, ...]:
    """Name the accounts that hold an office; raises UsageError if nobody does: then nobody decides."""
    found = hub.settings.offices.get(office, ())
    if not found:
        raise UsageError(
            f"nobody holds the office `{office}`, so nobody can decide this: whoever operates Wye names its accounts in"
            " WYE_OFFICES, as the agreement writes the office"
        )
    return found


def require_office(hub: Hub, office: str) -> None:
    """Refuse whoever does not hold an office; raises UsageError."""
    if hub.actor not in (held_by := holders(hub, office)):
        raise UsageError(f"`{hub.actor}` does not hold the office `{office}`, which decides this: {', '.join(held_by)}")


def unheld(standing: Standing, offices: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Give (office, agreement) of each office to which an agreement in force refers, and that none of these is."""
    for name, one in sorted(standing.in_force.items()):
        restricted = one.agreement.restricted_records
        office = restricted.refer_to if restricted.action is Restriction.REFER else None
        if office is not None and office not in offices:
            yield office, name
