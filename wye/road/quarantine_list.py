"""List what waits in quarantine, whom to ask and what would be right: names, numbers and ids, never a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from wye.errors import UsageError
from wye.intake import pending_rows, quarantine_rows
from wye.intake.map import MAP_RULE
from wye.quality.rules import EXAMPLES
from wye.road.hub import Hub
from wye.sharing.rows import count_waits

Json = dict[str, object]

FITS = "a row that the model can take: every code known, every day a day of the calendar"
READ_AGAIN = "a message that the partner's own referee accepts"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say what to list, and from where on."""

    source: str | None = None
    owner: str | None = None
    rule: str | None = None
    after: UUID | None = None
    limit: int = 50


def listing(hub: Hub, wanted: Wanted) -> Json:
    """List what is open: first protections for someone nobody can tell, then held batches, groups, and a page of rows."""
    if wanted.source is not None and wanted.source not in hub.source_names:
        raise UsageError(f"no source `{wanted.source}`; there are: {', '.join(hub.source_names)}")
    conn = hub.conn
    groups = quarantine_rows.groups(conn, wanted.source, wanted.owner, wanted.rule)
    found = quarantine_rows.open_rows(conn, wanted.source, wanted.owner, wanted.rule, wanted.after, wanted.limit + 1)
    page = found[: wanted.limit]
    rights = _Rights(hub)
    at = hub.at()
    return {
        "open": sum(each.rows for each in groups),
        "unplaced_protections": unplaced(hub),
        "people_waiting": count_waits(conn),
        "held": [each._asdict() for each in quarantine_rows.held(conn, wanted.source)],
        "groups": [{**each._asdict(), "oldest_days": (at - each.oldest).days} for each in groups],
        "rows": [{**each._asdict(), "right": rights.of(each.source, each.stream, each.rule)} for each in page],
        "next": page[-1].id if len(found) > wanted.limit else None,
    }


def unplaced(hub: Hub) -> list[Json]:
    """List waiting rows that may protect somebody of whom nobody can tell who it is: a named human must look at once."""
    return [each._asdict() for each in pending_rows.unplaced(hub.conn)]


def rights(hub: Hub, source: str, stream: str, rules: tuple[str, ...]) -> Mapping[str, str]:
    """Say of rules what would be right."""
    of = _Rights(hub)
    return {rule: of.of(source, stream, rule) for rule in rules}


class _Rights:
    """Say what would be right, by the rule that a contract names; a rule that is in no contract now says what its name does."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._by_name: dict[tuple[str, str], Mapping[str, str]] = {}

    def of(self, source: str, stream: str, rule: str) -> str:
        if rule == MAP_RULE:
            return FITS
        known = self._by_name.get((source, stream))
        if known is None:
            contract = self._hub.contract(source).streams.get(stream)
            known = {each.name: EXAMPLES[each.rule] for each in contract.rules} if contract is not None else {}
            self._by_name[source, stream] = known
        return known.get(rule, READ_AGAIN)
