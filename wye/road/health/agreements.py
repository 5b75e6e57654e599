"""Say which agreements lapse soon, and which are not in force."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from wye.agreements.days import day_of
from wye.agreements.in_force import InForce, Standing
from wye.road.health.finding import Finding, Level
from wye.road.offices import unheld

WARN, RED = timedelta(days=60), timedelta(days=7)
"""A lapse is warned of two months before, and is red in its last week."""


def agreements(standing: Standing, at: datetime) -> Iterator[Finding]:
    """Judge each agreement by the day on which it, or what it stands on, ends."""
    today = day_of(at)
    for name, one in sorted(standing.in_force.items()):
        what, last = _ends(one)
        left = last - today
        if left > WARN:
            yield Finding(f"agreement {name}", Level.OK, f"in force until {last}")
        else:
            level = Level.RED if left <= RED else Level.WARN
            yield Finding(
                f"agreement {name}",
                level,
                f"{what} ends after {last}, in {left.days} days: renew it, or let it end knowingly",
            )
    for name, why in sorted(standing.refused.items()):
        yield Finding(f"agreement {name}", Level.RED, f"nothing is shared under it: {why}")


def offices(standing: Standing, held: frozenset[str]) -> Iterator[Finding]:
    """Say which offices nobody holds: what is referred to one of them can be decided by nobody (wye.road.offices)."""
    found = dict[str, list[str]]()
    for office, agreement in unheld(standing, held):
        found.setdefault(office, []).append(agreement)
    for office, names in found.items():
        said = f"nobody holds it, and {', '.join(names)} refers restricted records to it: set WYE_OFFICES"
        yield Finding(f"office {office}", Level.WARN, said)
    if not found:
        yield Finding("offices", Level.OK, "each to which an agreement in force refers is held by somebody")


def _ends(one: InForce) -> tuple[str, date]:
    agreement = one.agreement
    until = agreement.confidentiality.expires
    if until is not None and until < agreement.expires:
        return "its confidentiality basis", until
    return "it", agreement.expires
