"""Compile an agreement to closures, and decide with them: pure, frozen, failing closed.

Precedence: the request fits, the person is a subject, then statutory prohibition > not in force > restricted record >
the gateway's own exceptions > objection and consent > item rules > default deny. Rules intersect: each can only
withhold. An error withholds and carries an alarm.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
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
from wye.store.known import KnownRow
from wye.vocabulary import Action, Direction, Outcome, Role, Transform

RELEASE, WITHHOLD, UNKNOWN = Action.RELEASE, Action.WITHHOLD, Action.UNKNOWN


class BoundItem(NamedTuple):
    """Hold one outgoing item with its rules bound."""

    entity: str
    field: str
    item_rules: tuple[PersonRule, ...]
    value_rules: tuple[ValueRule, ...]
    transform: Callable[[object], object] | None


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
            return self._answer(Outcome.WITHHOLD, (), (alarm,), _Sifted({}, frozenset(), frozenset()), None)

    def _itemised(self, request: Request, facts: Facts, moment: Moment) -> Decision:
        fields: list[FieldDecision] = []
        alarms: list[Reason] = []
        released: dict[str, list[dict[str, object]]] = {}
        person: dict[str, object] = {}
        for item in self.person_items:
            stopped = _stopped(item, request, facts, moment, alarms)
            values = facts.known.attributes.get(item.field, ())
            decision = _choose(item, values, stopped, request, facts, moment, alarms, person)
            fields.append(decision)
        if person:
            released["person"] = [person]
        for entity, items in self.row_items.items():
            stops = [_stopped(item, request, facts, moment, alarms) for item in items]
            kept = released.setdefault(entity, [])
            for known in facts.known.rows.get(entity, ()):
                row: dict[str, object] = {}
                for item, stopped in zip(items, stops, strict=True):
                    value = known.values.get(item.field)
                    held = () if value is None else (known,)
                    fields.append(_choose(item, held, stopped, request, facts, moment, alarms, row))
                if row and row not in kept:
                    kept.append(row)
        sifted = self._sift(fields, {entity: tuple(rows) for entity, rows in released.items() if rows})
        change = self._next_change(facts, moment)
        if sifted.entities:
            reasons = (self.basis, *dict.fromkeys(alarms))
            return self._answer(Outcome.RELEASE, tuple(fields), reasons, sifted, change)
        nothing = Reason("default", "no item may be released: what is not permitted is withheld", "default deny")
        return self._withheld(nothing, tuple(fields), facts, moment, tuple(dict.fromkeys(alarms)))

    def _sift(
        self, fields: Sequence[FieldDecision], entities: Mapping[str, tuple[Mapping[str, object], ...]]
    ) -> "_Sifted":
        gone = {f"{one.entity}.{one.field}" for one in fields if one.action is RELEASE}
        masked = {
            f"{one.entity}.{one.field}" for one in fields if one.action is WITHHOLD and one.clause not in SILENT
        } - gone
        return _Sifted(entities, frozenset(masked & self.names), frozenset(self.names - gone - masked))

    def _withheld(
        self,
        reason: Reason,
        fields: tuple[FieldDecision, ...],
        facts: Facts,
        moment: Moment,
        alarms: tuple[Reason, ...] = (),
    ) -> Decision:
        change = None if reason.alarm else self._next_change(facts, moment)
        return self._answer(Outcome.WITHHOLD, fields, (reason, *alarms), _Sifted({}, frozenset(), frozenset()), change)

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
        return Decision(outcome, fields, reasons, sifted.entities, sifted.masked, sifted.unknown, change, fingerprint)

    def _next_change(self, facts: Facts, moment: Moment) -> datetime | None:
        """Give the next instant at which time alone may change the answer."""
        agreement = self.agreement
        days: list[date] = next_subject_days(agreement.subjects, facts.known, moment.text)
        for entity in self.lasting_entities:
            for row in facts.known.rows.get(entity, ()):
                day = next_day(entity, row.values, moment.text)
                if day is not None:
                    days.append(day)
        instants = [start_of(min(days))] if days else []
        instants += [start_of(agreement.effective), end_of(agreement.expires)]
        if agreement.confidentiality.expires is not None:
            instants.append(end_of(agreement.confidentiality.expires))
        if facts.changes_at is not None:
            instants.append(facts.changes_at)
        return min((instant for instant in instants if instant > moment.at), default=None)


class _Sifted(NamedTuple):
    entities: Mapping[str, tuple[Mapping[str, object], ...]]
    masked: frozenset[str]
    unknown: frozenset[str]


def _asked(name: str, rule: PersonRule, request: Request, facts: Facts, moment: Moment) -> Reason | None:
    try:
        return rule(request, facts, moment)
    except Exception:  # noqa: BLE001  fail closed: a clause that errs withholds
        return Reason(name, "an error in this clause", "fail closed", alarm=True)


def _stopped(item: BoundItem, request: Request, facts: Facts, moment: Moment, alarms: list[Reason]) -> Reason | None:
    for rule in item.item_rules:
        reason = _asked("error", rule, request, facts, moment)
        if reason is not None:
            if reason.alarm:
                alarms.append(reason)
            return reason
    return None


def _choose(
    item: BoundItem,
    values: Sequence[Value],
    stopped: Reason | None,
    request: Request,
    facts: Facts,
    moment: Moment,
    alarms: list[Reason],
    into: dict[str, object],
) -> FieldDecision:
    """Take the first value that every rule lets pass, transform it, and put it into the row that leaves."""
    entity, name = item.entity, item.field
    if not values:
        return FieldDecision(entity, name, UNKNOWN, "unknown", "no source holds it", None, None)
    first: Reason | None = None
    best: Value = values[0]
    try:
        for value in values:
            for rule in item.value_rules:
                reason = rule(value, request, facts, moment)
                if reason is not None:
                    first = first or reason
                    break
            else:
                best, first = value, stopped
                if stopped is None and item.transform is not None:
                    into[name] = item.transform(value.values[name] if isinstance(value, KnownRow) else value.value)
                    return FieldDecision(entity, name, RELEASE, "items", "released", value.source, value.record)
                break
    except Exception:  # noqa: BLE001  fail closed: a rule or transform that errs withholds its field
        first = Reason("error", f"an error in a rule or transform of `{entity}.{name}`", "fail closed", alarm=True)
        alarms.append(first)
    if first is None:
        first = Reason("default", "no rule permits it", "default deny")
    return FieldDecision(entity, name, WITHHOLD, first.clause, first.text, best.source, best.record)


def compile_policy(agreement: Agreement) -> Policy:
    """Bind every clause to an agreement. The agreement must have been checked; whether it is signed is not known here."""
    gateway = gateway_of(agreement.gateway)
    terms = Terms(agreement, gateway, prohibitions())
    outgoing = [_bind(terms, item) for item in agreement.items(Direction.OUT)]
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
    return Policy(
        agreement=agreement,
        person_rules=tuple(
            (clause.name, rule) for clause in PERSON_CLAUSES if (rule := clause.bind(terms)) is not None
        ),
        person_items=tuple(item for item in outgoing if item.entity == "person"),
        row_items={entity: tuple(items) for entity, items in by_entity.items()},
        lasting_entities=tuple(
            sorted({item.entity for item in agreement.items(Direction.OUT) if item.rows is not None and item.rows.open})
        ),
        names=frozenset(f"{item.entity}.{item.field}" for item in outgoing if item.transform is not None),
        basis=Reason("items", f"released under {agreement.id} {agreement.version}", f"{stands_on}; {articles}"),
        inbound={entity: frozenset(fields) for entity, fields in inbound.items()},
    )


def _bind(terms: Terms, item: Item) -> BoundItem:
    return BoundItem(
        item.entity,
        item.field,
        tuple(rule for clause in ITEM_CLAUSES if (rule := clause.bind(terms, item)) is not None),
        tuple(bound for value_clause in VALUE_CLAUSES if (bound := value_clause.bind(terms, item)) is not None),
        None if item.transform is Transform.DROP else TRANSFORMS[item.transform],
    )
