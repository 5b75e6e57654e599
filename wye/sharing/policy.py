"""Compile an agreement to closures, and decide with them: pure, frozen, failing closed.

Precedence: the request fits, the person is a subject, then statutory prohibition > not in force > restricted record >
the gateway's own exceptions > objection and consent > item rules > default deny. Rules intersect: each can only
withhold. An error withholds and carries an alarm.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import orjson

from wye.agreements.days import day_of, end_of, start_of
from wye.agreements.law import gateway_of, prohibitions
from wye.agreements.model import Agreement, Item
from wye.sharing.clauses import ITEM_CLAUSES, PERSON_CLAUSES, SILENT, VALUE_CLAUSES
from wye.sharing.clauses.clause import PersonRule, Terms, Value, ValueRule
from wye.sharing.decision import Decision, FieldDecision, Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.sharing.lasting import next_day
from wye.sharing.subjects import next_subject_days
from wye.sharing.transforms import TRANSFORMS
from wye.sharing.transforms.age_band import next_band
from wye.sharing.transforms.days import day_in
from wye.sharing.transforms.transform import Change
from wye.store.known import Candidate, KnownRow
from wye.vocabulary import Action, Direction, Outcome, Role, Transform

RELEASE, WITHHOLD, UNKNOWN = Action.RELEASE, Action.WITHHOLD, Action.UNKNOWN


class BoundItem(NamedTuple):
    """Hold one outgoing item with its rules bound. Items that ask the same share the very same rules."""

    entity: str
    field: str
    name: str
    """`entity.field`."""
    item_rules: tuple[PersonRule, ...]
    value_rules: tuple[ValueRule, ...]
    transform: Change | None
    unheld: FieldDecision
    """What is said where no source holds a value."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Be one agreement, ready to decide."""

    agreement: Agreement
    person_rules: tuple[tuple[str, PersonRule], ...]
    person_items: tuple[BoundItem, ...]
    row_items: Mapping[str, tuple[BoundItem, ...]]
    lasting_entities: tuple[str, ...]
    names: frozenset[str]
    """What the recipient may be told is masked or unknown: every item but those to be dropped."""
    basis: Reason
    edges: tuple[datetime, ...]
    """The instants at which the agreement itself begins, ends, or loses its basis of confidentiality."""
    banded: tuple[str, ...] = ()
    """Attributes of a person that leave as an age band, which changes with the years."""
    inbound: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What the partner's half may bring: fields by entity."""

    def request(self, role: str = Role.FEED.value) -> Request:
        """Give the request that the agreement itself answers."""
        agreement = self.agreement
        return Request(agreement.id, agreement.recipient, agreement.purpose.code.value, role)

    def decide(self, request: Request, facts: Facts, at: datetime) -> Decision:
        """Decide about one person at an instant; never raises: an error withholds and alarms."""
        try:
            day = day_of(at)
            moment = Moment(at, day, day.isoformat())
            for name, rule in self.person_rules:
                reason = _asked(name, rule, request, facts, moment)
                if reason is not None:
                    return self._withheld(reason, (), facts, moment)
            return self._itemised(request, facts, moment)
        except Exception:  # noqa: BLE001  fail closed: whatever went wrong, nothing leaves
            alarm = Reason("error", "an error stood in the way of deciding", "fail closed", alarm=True)
            return self._answer(Outcome.WITHHOLD, (), (alarm,), NOTHING, None)

    def _itemised(self, request: Request, facts: Facts, moment: Moment) -> Decision:
        asking = _Asking(request, facts, moment)
        released: dict[str, list[dict[str, object]]] = {}
        person: dict[str, object] = {}
        for item in self.person_items:
            asking.choose(item, facts.known.attributes.get(item.field, ()), person)
        if person:
            released["person"] = [person]
        for entity, items in self.row_items.items():
            kept = released.setdefault(entity, [])
            asking.stop(items)
            for known in facts.known.rows.get(entity, ()):
                row: dict[str, object] = {}
                asking.choose_row(items, known, row)
                if row and row not in kept:
                    kept.append(row)
        sifted = self._sift(asking, {entity: tuple(rows) for entity, rows in released.items() if rows})
        change = self._next_change(facts, moment)
        fields, alarms = tuple(asking.fields), tuple(dict.fromkeys(asking.alarms))
        if sifted.entities:
            return self._answer(Outcome.RELEASE, fields, (self.basis, *alarms), sifted, change)
        nothing = Reason("default", "no item may be released: what is not permitted is withheld", "default deny")
        return self._withheld(nothing, fields, facts, moment, alarms)

    def _sift(self, asking: "_Asking", entities: Mapping[str, tuple[Mapping[str, object], ...]]) -> "_Sifted":
        masked = (asking.masked - asking.gone) & self.names
        return _Sifted(entities, frozenset(masked), self.names - asking.gone - masked, frozenset(asking.gone))

    def _withheld(
        self,
        reason: Reason,
        fields: tuple[FieldDecision, ...],
        facts: Facts,
        moment: Moment,
        alarms: tuple[Reason, ...] = (),
    ) -> Decision:
        change = None if reason.alarm else self._next_change(facts, moment)
        return self._answer(Outcome.WITHHOLD, fields, (reason, *alarms), NOTHING, change)

    def _answer(
        self,
        outcome: Outcome,
        fields: tuple[FieldDecision, ...],
        reasons: tuple[Reason, ...],
        sifted: "_Sifted",
        change: datetime | None,
    ) -> Decision:
        sent = {
            "agreement": self.agreement.id,
            "version": self.agreement.version,
            "outcome": outcome.value,
            "entities": sifted.entities,
            "masked": sorted(sifted.masked),
            "unknown": sorted(sifted.unknown),
        }
        fingerprint = hashlib.sha256(orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)).digest()
        return Decision(
            outcome, fields, reasons, sifted.entities, sifted.masked, sifted.unknown, sifted.gone, change, fingerprint
        )

    def _next_change(self, facts: Facts, moment: Moment) -> datetime | None:
        """Give the next instant at which time alone may change the answer."""
        days: list[date] = next_subject_days(self.agreement.subjects, facts.known, moment.text)
        for entity in self.lasting_entities:
            for row in facts.known.rows.get(entity, ()):
                day = next_day(entity, row.values, moment.text)
                if day is not None:
                    days.append(day)
        days += self._next_bands(facts, moment)
        instants = [start_of(min(days))] if days else []
        instants += self.edges
        if facts.changes_at is not None:
            instants.append(facts.changes_at)
        return min((instant for instant in instants if instant > moment.at), default=None)

    def _next_bands(self, facts: Facts, moment: Moment) -> Iterator[date]:
        for name in self.banded:
            for held in facts.known.attributes.get(name, ()):
                with suppress(ValueError):  # what is no day has no band either: its field is withheld, with an alarm
                    day = next_band(day_in(held.value), moment.day)
                    if day is not None:
                        yield day


class _Sifted(NamedTuple):
    entities: Mapping[str, tuple[Mapping[str, object], ...]]
    masked: frozenset[str]
    unknown: frozenset[str]
    gone: frozenset[str]
    """Names of what is released."""


NOTHING = _Sifted({}, frozenset(), frozenset(), frozenset())
UNASKED = Reason("unasked", "no rule was asked", "")
ERRED = Reason("error", "a rule erred", "fail closed", alarm=True)


def _asked(name: str, rule: PersonRule, request: Request, facts: Facts, moment: Moment) -> Reason | None:
    try:
        return rule(request, facts, moment)
    except Exception:  # noqa: BLE001  fail closed: a clause that errs withholds
        return Reason(name, "an error in this clause", "fail closed", alarm=True)


class _Asking:
    """Ask the rules of one decision and keep what they say; rules that several items share are asked once."""

    __slots__ = ("_facts", "_moment", "_request", "_stops", "alarms", "fields", "gone", "masked")

    def __init__(self, request: Request, facts: Facts, moment: Moment) -> None:
        self._request, self._facts, self._moment = request, facts, moment
        self._stops: dict[tuple[PersonRule, ...], Reason | None] = {}
        self.fields: list[FieldDecision] = []
        self.alarms: list[Reason] = []
        self.gone: set[str] = set()
        self.masked: set[str] = set()

    def stop(self, items: Sequence[BoundItem]) -> None:
        """Ask the item rules whether or not there is a value: an error in one alarms all the same."""
        for item in items:
            self._stopped(item)

    def choose(self, item: BoundItem, values: Sequence[Candidate], into: dict[str, object]) -> None:
        """Take the first value that every rule lets pass, transform it, and put it into the row that leaves."""
        stopped = self._stopped(item)
        if not values:
            self.fields.append(item.unheld)
            return
        first: Reason | None = None
        for value in values:
            reason = self._said(item.value_rules, value)
            if reason is None:
                self._take(item, value, value.value, stopped, into)
                return
            if reason is ERRED:
                first = self._erred(item)
                break
            first = first or reason
        self._keep_back(item, first or UNASKED, values[0])

    def choose_row(self, items: Sequence[BoundItem], row: KnownRow, into: dict[str, object]) -> None:
        """Take each field of one row that every rule lets pass, and put it into the row that leaves."""
        said: dict[tuple[ValueRule, ...], Reason | None] = {}
        for item in items:
            stopped = self._stopped(item)
            value = row.values.get(item.field)
            if value is None:
                self.fields.append(item.unheld)
                continue
            reason = said.get(item.value_rules, UNASKED)
            if reason is UNASKED:
                reason = said[item.value_rules] = self._said(item.value_rules, row)
            if reason is None:
                self._take(item, row, value, stopped, into)
            else:
                self._keep_back(item, self._erred(item) if reason is ERRED else reason, row)

    def _stopped(self, item: BoundItem) -> Reason | None:
        reason = self._stops.get(item.item_rules, UNASKED)
        if reason is UNASKED:
            reason = None
            for rule in item.item_rules:
                reason = _asked("error", rule, self._request, self._facts, self._moment)
                if reason is not None:
                    break
            self._stops[item.item_rules] = reason
            if reason is not None and reason.alarm:
                self.alarms.append(reason)
        return reason

    def _said(self, rules: tuple[ValueRule, ...], value: Value) -> Reason | None:
        request, facts, moment = self._request, self._facts, self._moment
        try:
            for rule in rules:
                reason = rule(value, request, facts, moment)
                if reason is not None:
                    return reason
        except Exception:  # noqa: BLE001  fail closed: a rule that errs withholds its field
            return ERRED
        return None

    def _take(
        self, item: BoundItem, held: Value, value: object, stopped: Reason | None, into: dict[str, object]
    ) -> None:
        if stopped is not None:
            self._keep_back(item, stopped, held)
        elif item.transform is None:
            self._keep_back(item, Reason("default", "no rule permits it", "default deny"), held)
        else:
            try:
                into[item.field] = item.transform(value, self._facts.known.person, self._moment.day)
            except Exception:  # noqa: BLE001  fail closed: a transform that errs withholds its field
                self._keep_back(item, self._erred(item), held)
                return
            self.gone.add(item.name)
            self.fields.append(
                FieldDecision(item.entity, item.field, RELEASE, "items", "released", held.source, held.record)
            )

    def _keep_back(self, item: BoundItem, reason: Reason, held: Value) -> None:
        if reason.clause not in SILENT:
            self.masked.add(item.name)
        self.fields.append(
            FieldDecision(item.entity, item.field, WITHHOLD, reason.clause, reason.text, held.source, held.record)
        )

    def _erred(self, item: BoundItem) -> Reason:
        reason = Reason("error", f"an error in a rule or transform of `{item.name}`", "fail closed", alarm=True)
        self.alarms.append(reason)
        return reason


def compile_policy(agreement: Agreement, key: bytes | None = None) -> Policy:
    """Bind every clause to an agreement. The agreement must have been checked; whether it is signed is not known here.

    `key` is the agreement's own (wye.sharing.transforms.key_label), 32 bytes, for transforms that need one. Without it
    their fields are withheld, with an alarm.
    """
    gateway = gateway_of(agreement.gateway)
    terms = Terms(agreement, gateway, prohibitions())
    outgoing = [_bind(terms, item, key) for item in agreement.decided]
    by_entity: dict[str, list[BoundItem]] = {}
    for item in outgoing:
        if item.entity != "person":
            by_entity.setdefault(item.entity, []).append(item)
    inbound: dict[str, set[str]] = {}
    for incoming in agreement.items(Direction.IN):
        inbound.setdefault(incoming.entity, set()).add(incoming.field)
    party = agreement.parties[0]
    articles = ", ".join(f"Article 6(1)({basis.point})" for basis in party.lawful_basis.article6)
    stands_on = gateway.name if gateway is not None else "compatible purpose inside one controller"
    what = "released" if agreement.aggregates is None else "counted in tables, and no value of anybody leaves,"
    return Policy(
        agreement=agreement,
        person_rules=tuple(
            (clause.name, rule) for clause in PERSON_CLAUSES if (rule := clause.bind(terms)) is not None
        ),
        person_items=tuple(item for item in outgoing if item.entity == "person"),
        row_items={entity: tuple(items) for entity, items in by_entity.items()},
        lasting_entities=tuple(
            sorted({item.entity for item in agreement.decided if item.rows is not None and item.rows.open})
        ),
        names=frozenset(f"{item.entity}.{item.field}" for item in outgoing if item.transform is not None),
        basis=Reason("items", f"{what} under {agreement.id} {agreement.version}", f"{stands_on}; {articles}"),
        edges=_edges(agreement),
        banded=tuple(item.field for item in agreement.decided if item.transform is Transform.AGE_BAND),
        inbound={entity: frozenset(fields) for entity, fields in inbound.items()},
    )


def _edges(agreement: Agreement) -> tuple[datetime, ...]:
    ends = (agreement.expires, agreement.confidentiality.expires)
    return (start_of(agreement.effective), *(end_of(day) for day in ends if day is not None))


def _bind(terms: Terms, item: Item, key: bytes | None) -> BoundItem:
    return BoundItem(
        item.entity,
        item.field,
        f"{item.entity}.{item.field}",
        tuple(rule for clause in ITEM_CLAUSES if (rule := clause.bind(terms, item)) is not None),
        tuple(bound for value_clause in VALUE_CLAUSES if (bound := value_clause.bind(terms, item)) is not None),
        None if item.transform is Transform.DROP else TRANSFORMS[item.transform].bind(key),
        FieldDecision(item.entity, item.field, UNKNOWN, "unknown", "no source holds it", None, None),
    )
