"""Compare the search tokens with the entries, and have the months made into which the next ones go. Nightly."""

from wye.audit.search_index import check_index as check
from wye.audit.search_index_rows import make_months
from wye.errors import EnvironmentFault, EvidenceBroken
from wye.road.hub import Hub


def check_index(hub: Hub) -> dict[str, int]:
    """Check what is new and a part of what is old; gives counts.

    Raises EvidenceBroken naming the first finding, EnvironmentFault if months could not be made, each at the end.
    """
    fault: EnvironmentFault | None = None
    months = 0
    try:
        months = make_months(hub.conn)
    except EnvironmentFault as error:
        fault = error
    found = check(hub.conn, hub.keys, actor=hub.actor, at=hub.at(), whole=False, told=False)
    if found.findings:
        first = found.findings[0]
        raise EvidenceBroken(
            f"the search index is wrong in {found.found} places, first at index {first.index} (check: {first.check}):"
            f" {first.explanation}; `wye audit index --full` tells all"
        )
    if fault is not None:
        raise fault
    standing = found.standing
    return {"rebuilt": found.rebuilt, "verified": standing.verified, "size": standing.size, "months": months}
