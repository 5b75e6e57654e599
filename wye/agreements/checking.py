"""Check an agreement before anybody signs it: is it whole, lawful on its face, and shown by cases?

Each check is a small function that yields findings; none of them reads a clock, a database or a file. What a check
cannot know (whether the reasons are good) is what signatories are for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from schemas.catalogue import ENTITIES, FIELDS, MARKS
from wye.agreements.arranged import check_arrangement
from wye.agreements.break_glass import check_glass_shown
from wye.agreements.cases import Cases
from wye.agreements.counting import check_counting
from wye.agreements.fitting import check_transforms
from wye.agreements.lawful import LAWFUL_CHECKS
from wye.agreements.loading import Document, Place
from wye.agreements.model import Agreement, Item, RowCondition, RowsHaving
from wye.agreements.offices import check_offices
from wye.agreements.periods import LASTING
from wye.agreements.safe_address import check_must_know, check_shown, guarded
from wye.vocabulary import Direction, Onward, Outcome, Restriction, Template, Transform

HUB_IDS = frozenset({("relationship", "other")})
"""Fields that hold the hub's own record numbers: they may leave under no agreement."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what is wrong with an agreement, and where."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


Complaint = tuple[Place, str]


def check(document: Document[Agreement], cases: Document[Cases]) -> tuple[Finding, ...]:
    """Give every finding; none means that the agreement may be put before its signatories."""
    agreement = document.value
    checks: tuple[Callable[[Agreement], Iterator[Complaint]], ...] = (
        _parties, _items, _subjects, _dates, _terms, _signatories, check_offices, check_arrangement, check_transforms,
        check_must_know, check_counting, *LAWFUL_CHECKS,
    )  # fmt: skip
    found = [Finding(document.where(place), text) for one in checks for place, text in one(agreement)]
    for shown in (_cases, check_shown, check_glass_shown):
        found += [Finding(cases.where(place), text) for place, text in shown(agreement, cases.value)]
    return tuple(found)


def _parties(agreement: Agreement) -> Iterator[Complaint]:
    ids = [party.id for party in agreement.parties]
    if len(set(ids)) != len(ids):
        yield ("parties",), "a party stands twice"
    for key, name in (("route", agreement.route.partner), ("inbound", agreement.inbound and agreement.inbound.partner)):
        if name is not None and name not in ids:
            yield (key, "partner"), f"`{name}` is no party; there are: {', '.join(ids)}"
    for index, signatory in enumerate(agreement.signatories):
        if signatory.party not in ids:
            yield ("signatories", index), f"`{signatory.party}` is no party; there are: {', '.join(ids)}"
    for index, name in enumerate(agreement.onward.to):
        if name not in ids:
            yield ("onward", "to", index), f"`{name}` is no party; there are: {', '.join(ids)}"


def _items(agreement: Agreement) -> Iterator[Complaint]:
    seen: set[tuple[Direction, str, str]] = set()
    for index, item in enumerate(agreement.data_items):
        place: Place = ("data_items", index)
        for text in _item(item):
            yield place, text
        key = (item.direction, item.entity, item.field)
        if key in seen:
            yield place, f"`{item.entity}.{item.field}` stands twice in this direction"
        seen.add(key)
    if not agreement.decided:
        yield ("data_items",), "nothing goes out: at least one item must"
    if (agreement.inbound is None) == bool(agreement.items(Direction.IN)):
        yield ("inbound",), "items of direction `in` and the key `inbound` go together: both or neither"


def _item(item: Item) -> Iterator[str]:
    name = f"{item.entity}.{item.field}"
    facts = FIELDS.get((item.entity, item.field))
    if facts is None:
        allowed = sorted(field for entity, field in FIELDS if entity == item.entity) or sorted(ENTITIES)
        yield f"no field `{name}` in the canonical model; there are: {', '.join(allowed)}"
        return
    if not item.sources:
        yield f"`{name}` names no source: nothing could be released"
    if not item.roles:
        yield f"`{name}` names no role: nobody could receive it"
    if (
        (item.entity, item.field) in HUB_IDS
        and item.direction is not Direction.IN
        and item.transform is not Transform.DROP
    ):
        yield f"`{name}` is a record number of the hub: it never leaves"
    if item.entity == "person" and item.field in MARKS and item.direction is not Direction.IN:
        yield f"`{name}` says how good `{MARKS[item.field]}` is, and goes nowhere by itself"
    if item.rows is not None:
        yield from _rows(item.entity, item.rows)


def _rows(entity: str, rows: RowCondition | RowsHaving) -> Iterator[str]:
    if rows.field is not None and (entity, rows.field) not in FIELDS:
        yield f"no field `{entity}.{rows.field}` in the canonical model"
    if (rows.field is None) == bool(rows.values):
        yield "a row condition names a field and values for it, or neither"
    if rows.open and entity not in LASTING:
        yield f"rows of `{entity}` do not last: `open` fits {', '.join(sorted(LASTING))}"
    if entity == "person":
        yield "the entity `person` has no rows to choose from"


def _subjects(agreement: Agreement) -> Iterator[Complaint]:
    subjects = agreement.subjects
    for text in _rows(subjects.has.entity, subjects.has):
        yield ("subjects", "has"), text
    low, high = subjects.minimum_age, subjects.maximum_age
    if low is not None and high is not None and low > high:
        yield ("subjects", "minimum_age"), f"`{low}` is above maximum_age `{high}`"


def _dates(agreement: Agreement) -> Iterator[Complaint]:
    if not agreement.effective < agreement.review_date <= agreement.expires:
        yield ("review_date",), "dates must run effective < review_date <= expires"
    if (agreement.expires - agreement.effective).days > 3 * 366:
        yield ("expires",), "runs for more than three years; an agreement is reviewed and signed again before that"
    if agreement.supersedes == agreement.version:
        yield ("supersedes",), "a version does not supersede itself"


def _terms(agreement: Agreement) -> Iterator[Complaint]:
    if (agreement.onward.permitted is Onward.NAMED) != bool(agreement.onward.to):
        yield ("onward",), "`named` needs `to`, and `none` has none"
    restricted = agreement.restricted_records
    if (restricted.action is Restriction.REFER) != (restricted.refer_to is not None):
        yield ("restricted_records",), "`refer` needs `refer_to`: who is asked; `withhold` has none"
    if agreement.consent.on_refusal is not Restriction.WITHHOLD:
        yield ("consent", "on_refusal"), "a refusal withholds; nothing else is allowed"
    yield from _route(agreement)


def _route(agreement: Agreement) -> Iterator[Complaint]:
    route = agreement.route
    open_data = agreement.template is Template.OPEN_DATA
    if open_data and (route.queue is not None or route.stream is not None):
        yield ("route",), "open data is written to files: neither a queue nor a stream"
    elif not open_data and (route.queue is None) == (route.stream is None):
        yield ("route",), "names either a queue or a stream: where what is released goes"
    if route.queue is not None and route.queue != f"feed.{agreement.id}":
        yield ("route", "queue"), f"must be `feed.{agreement.id}`"
    if route.stream is not None and agreement.template is not Template.INTERNAL:
        yield ("route", "stream"), "only within one council is a system written to; another party has a queue"


def _signatories(agreement: Agreement) -> Iterator[Complaint]:
    principals = [signatory.principal for signatory in agreement.signatories]
    if len(set(principals)) != len(principals):
        yield ("signatories",), "an office stands twice"
    if agreement.drafted_by.partition("@")[0] in principals:
        yield ("drafted_by",), f"`{agreement.drafted_by}` drafted it and may not sign it"


def _cases(agreement: Agreement, cases: Cases) -> Iterator[Complaint]:
    """Ask for a case that releases and one that withholds, of each clause that this agreement uses."""
    for index, case in enumerate(cases.cases):
        expect = case.expect
        if expect.outcome is Outcome.WITHHOLD and (expect.released or expect.values):
            yield ("cases", index), f"`{case.name}`: a case that withholds releases no field"
        if expect.outcome is Outcome.WITHHOLD and not expect.withheld and len(case.shows) != 1:
            yield ("cases", index), f"`{case.name}`: where everything is withheld, one clause decides"
    for clause in sorted(clauses_to_show(agreement)):
        shown = [case.expect for case in cases.cases if clause in case.shows]
        if not any(expect.outcome is Outcome.RELEASE and expect.released for expect in shown):
            yield ("cases",), f"no case shows clause `{clause}` releasing"
        if not any(expect.outcome is Outcome.WITHHOLD or clause in expect.withheld.values() for expect in shown):
            yield ("cases",), f"no case shows clause `{clause}` withholding"


def clauses_to_show(agreement: Agreement) -> set[str]:
    """List the clauses that can decide something under this agreement, by the names of wye.sharing.clauses."""
    clauses = {"request", "in-force", "subjects", "restricted-record", "sources", "prohibited", "prohibited-source"}
    if agreement.consent.use != "not-used":
        clauses.add("consent")
    if agreement.consent.objections.use != "not-used":
        clauses.add("objection")
    if agreement.national_data_opt_out.applies:
        clauses.add("opt-out")
    outgoing = agreement.decided
    if agreement.relationship is not None:
        clauses |= {"relationship"} if agreement.relationship.trained_within is None else {"relationship", "training"}
    if any(item.rows is not None for item in outgoing):
        clauses.add("rows")
    if any(guarded(agreement)):
        clauses.add("safe-address")
    return clauses
