"""Count what the trail records of flows with the police, by the kinds of the Data Protection Act 2018 section 62(1).

Section 62 binds competent authorities (Part 3 of the Act) and whoever processes for them; this counts, and claims no more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wye.agreements.days import day_of, end_of, start_of
from wye.agreements.model import Agreement
from wye.audit.event import never_sent
from wye.audit.search import FoundEntry, search
from wye.errors import UsageError
from wye.keys.provider import KeyProvider
from wye.road.report.texts import Texts
from wye.store.database import Connection
from wye.vocabulary import EventKind, MessageKind, PartyKind

KINDS = (
    EventKind.COLLECTION,
    EventKind.ALTERATION,
    EventKind.CONSULTATION,
    EventKind.DISCLOSURE,
    EventKind.COMBINATION,
    EventKind.ERASURE,
)
"""The kinds of section 62(1), in its order."""

COUNTED_AS = {EventKind.MERGE: EventKind.COMBINATION, EventKind.UNMERGE: EventKind.ALTERATION}
"""Two persons made one are data combined; one made two is data altered."""

PURPOSE = "section 62 counts"
Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Flow:
    """Be one agreement to which the police are a party."""

    agreement: str
    title: str
    authorities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Hold what was counted, small numbers as they are: it is internal. Most sensitive class: none (no id of anybody)."""

    since: date
    until: date
    flows: tuple[Flow, ...]
    found: Mapping[tuple[str, Month, EventKind], int]
    unread: Mapping[str, int]
    """Entries of a flow that nobody can read any more: in no other number."""

    @property
    def months(self) -> tuple[Month, ...]:
        """Name every month of the time asked for, with the empty ones."""
        first, last = (day.year * 12 + day.month - 1 for day in (self.since, self.until))
        return tuple((month // 12, month % 12 + 1) for month in range(first, last + 1))

    def number(self, flow: str, month: Month, kind: EventKind) -> int:
        """Give the number of entries."""
        return self.found.get((flow, month, kind), 0)


def section62(
    conn: Connection, keys: KeyProvider, texts: Texts, since: date, until: date, *, actor: str, at: datetime
) -> Counts:
    """Count from a day to a day, both included, in London. Each flow's search is an entry under the account.

    Raises UsageError if the days are the wrong way round.
    """
    if until < since:
        raise UsageError(f"`--until` {until} is before `--since` {since}")
    flows = tuple(flow for one in texts.agreements.values() if (flow := _flow(one)) is not None)
    found: Counter[tuple[str, Month, EventKind]] = Counter()
    unread: Counter[str] = Counter()
    with conn.transaction():
        for flow in flows:
            entries = search(
                conn,
                keys,
                agreement=flow.agreement,
                since=start_of(since),
                until=end_of(until) - timedelta(microseconds=1),
                searcher=actor,
                purpose=PURPOSE,
                at=at,
            )
            unread[flow.agreement] += sum(each.event is None for each in entries)
            found += Counter((flow.agreement, month, kind) for month, kind in _kinds(entries))
    return Counts(since, until, flows, found, unread)


def _flow(agreement: Agreement) -> Flow | None:
    police = tuple(party.name for party in agreement.parties if party.kind is PartyKind.POLICE)
    return Flow(agreement.id, agreement.title, police) if police else None


def _kinds(entries: Iterable[FoundEntry]) -> Iterable[tuple[Month, EventKind]]:
    """Give month and kind of each entry that counts.

    What was only withdrawn, or never sent, disclosed nothing, and counting is no look.
    """
    found = list(entries)
    unsent = never_sent(each.event for each in found if each.event is not None)
    for each in found:
        event = each.event
        if (
            event is None
            or each.id in unsent
            or event.purpose == PURPOSE
            or (event.kind is EventKind.DISCLOSURE and event.outcome == MessageKind.WITHDRAW)
        ):
            continue
        kind = COUNTED_AS.get(event.kind, event.kind)
        if kind in KINDS:
            day = day_of(event.at)
            yield (day.year, day.month), kind
