"""Check what an agreement on open data says: what people are counted by, in which tables, and what it then has and has not.

People are counted by items of direction `count`: fields from a short list, each as coarse as it may be published. What is
hidden so that nobody can be made out is wye.sharing.suppression's work; it never hides less than wye.small_numbers says.
"""

from collections.abc import Iterator, Mapping

from wye.agreements.model import Agreement
from wye.agreements.words import Frequency
from wye.vocabulary import Direction, MediaType, Onward, PartyKind, PurposeCode, Role, Template, Transform

Complaint = tuple[tuple[str | int, ...], str]

COUNTABLE: Mapping[tuple[str, str], Transform] = {
    ("person", "birth_date"): Transform.AGE_BAND,
    ("person", "sex"): Transform.AS_IS,
    ("person", "interpreter_needed"): Transform.AS_IS,
    ("address", "town"): Transform.LOCALITY,
    ("address", "postcode"): Transform.OUTWARD_POSTCODE,
    ("care_package", "service"): Transform.AS_IS,
    ("encounter", "kind"): Transform.AS_IS,
    ("referral", "kind"): Transform.AS_IS,
}
"""By what people may be counted, and what is done to it first. Ethnic group, belief, what the police hold, reasons of
referrals, flags, identifiers, names, costs and free text are not among it."""

PERIODS = frozenset({Frequency.MONTHLY, Frequency.QUARTERLY})


def check_counting(agreement: Agreement) -> Iterator[Complaint]:
    """Complain of each part of open data that does not fit, and of open data's parts where it is not."""
    is_open = agreement.template is Template.OPEN_DATA
    if is_open != (agreement.aggregates is not None):
        yield ("aggregates",), "open data, and only that, names its `aggregates`"
    yield from _only_there(agreement, is_open=is_open)
    if is_open:
        yield from _dimensions(agreement)
        yield from _tables(agreement)


def _only_there(agreement: Agreement, *, is_open: bool) -> Iterator[Complaint]:
    """What open data has instead of what other agreements have: both ways."""
    public = [party.id for party in agreement.parties if party.kind is PartyKind.PUBLIC]
    ending = agreement.termination
    here: tuple[tuple[bool, tuple[str, ...], str], ...] = (
        (public == [agreement.recipient], ("route", "partner"), "one party of kind `public` receives"),
        (not agreement.items(Direction.OUT) and bool(agreement.items(Direction.COUNT)), ("data_items",), "items have the direction `count`"),
        (agreement.purpose.code is PurposeCode.OPEN_STATISTICS, ("purpose", "code"), "the purpose is `open-statistics`"),
        (agreement.gateway is None, ("gateway",), "there is no gateway: nothing about a person is disclosed"),
        (agreement.format.media_type is MediaType.CSV_AND_JSON, ("format",), "the format is `csv-and-json`"),
        (agreement.frequency in PERIODS, ("frequency",), "it is published `monthly` or `quarterly`"),
        (agreement.onward.permitted is Onward.ANYBODY, ("onward",), "what is published may go to `anybody`"),
        (agreement.route.connector is None, ("route",), "it is written to files: no connector, queue or stream"),
        (not ending.on_end and ending.certificate_within is None, ("termination",), "nothing comes back on ending: no `on_end`, no certificate"),
    )  # fmt: skip
    if is_open:
        yield from ((place, f"of open data {text}") for holds, place, text in here if not holds)
        return
    elsewhere = (
        (bool(public), ("parties",), "the public is a party of open data only"),
        (bool(agreement.items(Direction.COUNT)), ("data_items",), "direction `count` is for open data only"),
        (agreement.format.media_type is MediaType.CSV_AND_JSON, ("format",), "`csv-and-json` is for open data only"),
        (agreement.onward.permitted is Onward.ANYBODY, ("onward",), "`anybody` is for open data only"),
        (agreement.route.connector is None, ("route",), "names the connector that shapes what is sent"),
        (not ending.on_end or ending.certificate_within is None, ("termination",), "says what happens on ending: `on_end` and `certificate_within`"),
    )  # fmt: skip
    yield from ((place, text) for wrong, place, text in elsewhere if wrong)


def _dimensions(agreement: Agreement) -> Iterator[Complaint]:
    used = {name for table in (agreement.aggregates.tables if agreement.aggregates else ()) for name in table.by}
    for index, item in enumerate(agreement.data_items):
        name, wanted = f"{item.entity}.{item.field}", COUNTABLE.get((item.entity, item.field))
        if wanted is None:
            allowed = ", ".join(".".join(place) for place in COUNTABLE)
            yield ("data_items", index), f"people are not counted by `{name}`; allowed: {allowed}"
        elif item.transform is not wanted:
            yield ("data_items", index), f"`{name}` is counted as `{wanted}`; nothing finer is published"
        if name not in used:
            yield ("data_items", index), f"no table counts by `{name}`"
        if item.roles != (Role.FEED,):
            yield ("data_items", index), "what is counted is shown to nobody: its only role is `feed`"


def _tables(agreement: Agreement) -> Iterator[Complaint]:
    tables = agreement.aggregates.tables if agreement.aggregates else ()
    named = {f"{item.entity}.{item.field}" for item in agreement.items(Direction.COUNT)}
    seen: set[frozenset[str]] = set()
    ids: set[str] = set()
    for index, table in enumerate(tables):
        place = ("aggregates", "tables", index)
        for each in table.by:
            if each not in named:
                yield (*place, "by"), f"`{each}` is no item of direction `count`; there are: {', '.join(sorted(named))}"
        if len(set(table.by)) != len(table.by) or frozenset(table.by) in seen:
            yield (*place, "by"), "dimensions stand twice"
        if table.id in ids:
            yield (*place, "id"), f"table `{table.id}` stands twice"
        seen.add(frozenset(table.by))
        ids.add(table.id)
