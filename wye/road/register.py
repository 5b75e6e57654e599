"""Make the public register of sharing agreements: what is in force, in the words that were signed, and monthly counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wye.agreements.days import day_of, start_of
from wye.agreements.register import entry, in_register
from wye.agreements.register_page import page
from wye.agreements.showing import show_html
from wye.audit.search import search
from wye.road.agreement_life import kept
from wye.road.hub import Hub
from wye.road.register_rows import people_a_month
from wye.small_numbers import LEAST, STEP
from wye.vocabulary import EventKind

MONTHS = 12
PURPOSE = "agreements register"


@dataclass(frozen=True, slots=True)
class Register:
    """Hold the register: its JSON, and its pages by file name."""

    data: dict[str, object]
    pages: dict[str, str]


def register(hub: Hub) -> Register:
    """Make the register as it stands now: whole months only, the last twelve, for a month that runs tells who came this week."""
    today = day_of(hub.at())
    months = _months(today)
    counts = people_a_month(hub.conn, start_of(months[0]))
    published = in_register(hub.agreements.values())
    entries = []
    for each in published:
        name, since = each.agreement.id, _since(hub, each.agreement.id)
        found = _releases(hub, name, months[0]) if each.agreement.aggregates is not None else counts.get(name, {})
        entries.append(entry(each, found, [month for month in months if since is not None and since <= month]))
    names = [party.name for each in published for party in each.agreement.parties if party.id == hub.settings.council]
    council = names[0] if names else hub.settings.council
    data: dict[str, object] = {
        "council": council,
        "day": today,
        "people_hidden_under": LEAST,
        "people_rounded_to": STEP,
        "agreements": entries,
    }
    pages = {f"{each.agreement.id}.html": show_html(each.agreement) for each in published}
    return Register(data, {"index.html": page(entries, council, f"{today:%-d %B %Y}"), **pages})


def _since(hub: Hub, agreement: str) -> date | None:
    """Give the first of the month in which this hub first enforced a version; of earlier months nothing can be told."""
    texts = kept(hub, agreement)
    return day_of(texts[0].kept_at).replace(day=1) if texts else None


def _releases(hub: Hub, agreement: str, since: date) -> Mapping[date, int]:
    """Count the releases of open data by the first day of the month, from the trail; that they were counted is in it too."""
    with hub.conn.transaction():
        found = search(
            hub.conn, hub.keys, agreement=agreement, since=start_of(since), searcher=hub.actor, purpose=PURPOSE,
            at=hub.at(),
        )  # fmt: skip
    events = (each.event for each in found)
    return Counter(
        day_of(each.at).replace(day=1) for each in events if each is not None and each.kind is EventKind.PUBLICATION
    )


def _months(today: date) -> list[date]:
    """Give the first days of the last twelve whole months, the oldest first."""
    count = today.year * 12 + today.month - 1
    return [date(*_first_of(count - back)) for back in range(MONTHS, 0, -1)]


def _first_of(count: int) -> tuple[int, int, int]:
    """Turn a count of months since year nought into year, month and the first day."""
    year, month = divmod(count, 12)
    return year, month + 1, 1
