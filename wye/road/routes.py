"""Say which routes the agreements ask of the broker."""

from wye.agreements.in_force import read_agreement
from wye.errors import UsageError
from wye.exchange.topology import Route
from wye.settings import Settings


def routes_of(settings: Settings) -> tuple[Route, ...]:
    """Give the route of every agreement that is shared by feed, in force or not; raises UsageError without agreements."""
    folders = sorted(path.parent for path in settings.agreements.glob("*/agreement.yaml"))
    if not folders:
        raise UsageError(f"no agreements in `{settings.agreements}`; set WYE_AGREEMENTS to their folder")
    agreements = [read_agreement(folder).agreement for folder in folders]
    return tuple(Route(each.id, each.recipient, inbound=each.inbound is not None) for each in agreements if each.feeds)
