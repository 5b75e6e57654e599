"""Say an agreement in Cedar, the policy language of others, and let Cedar decide. Imports nothing of wye.

Cedar is asked whether anything at all may leave to this asker, which rows make the person a subject, and then of each
value (a row's field, or one source's value of an attribute) whether it may leave as this item. So it decides by every
rule that stops: of the person (request, subjects' age, prohibited, in-force, restricted-record, objection, consent,
relationship with its broken glass, training, unread-protection), of the item (roles, safe-address, drop) and of the value (prohibited-source, sources,
rows, onward, doubted).

What Cedar cannot say, and plain code here does: the day in London of an instant; that *some* row makes somebody a
subject (it has no "there is"), and that this and the whole and the value must all be allowed; that of several permitted
values the first leaves; transforms; gathering rows, and leaving out the same row twice. Not compared at all: which of
several rules that stop is named (only that Cedar stops by it too), what the recipient is told is masked or unknown,
alarms, the next change, fingerprints. free-text is not said here: no example agreement lets it decide.

Cedar skips a rule that errs, where Wye withholds. So each rule here asks whether a fact is there before it reads it, and
an error of Cedar's fails the test.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cedarpy import AuthzResult, Entities, PolicySet, is_authorized_batch

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BARRED = ["civica_revenues", "electoral_register"]
"""Sources that statute bars under every example agreement."""
PERSON_RULES = frozenset(
    {"request", "subjects", "prohibited", "in-force", "restricted-record", "objection", "consent", "relationship",
     "training", "unread-protection"}
)  # fmt: skip
DERIVED = {
    "care_package.provider", "care_package.provider_reference", "encounter.organisation", "encounter.ward", "flag.kind",
    "involvement.team", "liability.account", "contact_event.topic", "encounter.reason", "incident.detail", "referral.detail",
}  # fmt: skip
"""What locates beside addresses and contact points."""
WHOLE, MAKES_SUBJECT = 'Action::"whole"', 'Action::"makes-subject"'
TRANSFORMS = {"as-is": lambda value: value, "initial": lambda value: value[0].upper()}
LASTING = {"referral": ("received_on", "closed_on")}


class Rules:
    """Hold an agreement said in Cedar: what stops a whole release, what stops a value, and the items as actions.

    What several items ask alike is one rule on a group of actions, for Cedar looks at every rule each time.
    """

    def __init__(self, agreement: dict) -> None:
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for item in outgoing(agreement):
            for rule in of_item(agreement, item):
                groups[rule].append(of(item))
        same: dict[tuple[str, ...], str] = {}
        for names in groups.values():
            same.setdefault(tuple(names), f"group {len(same)}")
        subject = makes_subject(agreement["subjects"]["has"])
        self.of_whole = "\n".join([
            f"permit (principal, action == {WHOLE}, resource);",
            *(forbid(name, when, f"== {WHOLE}") for name, when in of_person(agreement)),
            f"permit (principal, action == {MAKES_SUBJECT}, resource) when {{ {subject} }};",
        ])  # fmt: skip
        self.of_items = "\n".join([
            'permit (principal, action in Action::"items", resource);',
            *(forbid(name, when, f"in Action::{quoted(same[tuple(names)])}") for (name, when), names in groups.items()),
        ])  # fmt: skip
        self.whole, self.items = PolicySet.from_str(self.of_whole), PolicySet.from_str(self.of_items)
        actions = [
            {"uid": {"type": "Action", "id": name}, "attrs": {}, "parents": [
                {"type": "Action", "id": group} for group in ("items", *(same[key] for key in same if name in key))
            ]}
            for name in map(of, outgoing(agreement))
        ]  # fmt: skip
        self.actions = Entities.from_json_str(json.dumps(actions))


def of_person(agreement: dict) -> Iterator[tuple[str, str]]:
    """Give what stops a whole release: the rule's name, and when."""
    yield (
        "request",
        (
            f"principal.agreement != {quoted(agreement['id'])}"
            f" || principal.recipient != {quoted(agreement['route']['partner'])}"
            f" || principal.purpose != {quoted(agreement['purpose']['code'])}"
        ),
    )
    age, born = "principal.day - resource.of.born", "!(resource.of has born)"
    if (low := agreement["subjects"].get("minimum_age")) is not None:
        yield "subjects", f"{born} || {age} < {low}0000"
    if (high := agreement["subjects"].get("maximum_age")) is not None:
        yield "subjects", f"{born} || {age} >= {high + 1}0000"
    yield "prohibited", "!(resource.of has sealed) || resource.of.sealed"
    first, last = number(agreement["effective"]), number(agreement["expires"])
    yield "in-force", f"principal.day < {first} || principal.day > {last}"
    yield "restricted-record", "!(resource.of has restricted) || resource.of.restricted"
    against = "resource.of.restrictedAgainst.contains(principal.recipient)"
    yield "restricted-record", f"!(resource.of has restrictedAgainst) || {against}"
    yield from said(agreement["consent"])
    yield from upheld(agreement)
    entitling = quoted((agreement.get("relationship") or {}).get("any_of", []))
    entitled = f"principal has relationship && {entitling}.contains(principal.relationship)"
    broken = "resource.of has glass && principal.now < resource.of.glass"
    looks = f"({entitled}) || ({broken})" if agreement["break_glass"]["permitted"] and entitling != "[]" else entitled
    yield "relationship", f'principal.role != "feed" && !({looks})'
    if within := (agreement.get("relationship") or {}).get("trained_within"):
        age = "principal.day - principal.trained"
        in_date = f"principal has trained && {age} >= 0 && {age} <= {int(within.strip('PY'))}0000"
        yield "training", f'principal.role != "feed" && !({in_date})'
    yield "unread-protection", "!(resource.of has unread) || resource.of.unread"


def said(consent: dict) -> Iterator[tuple[str, str]]:
    """Give the rules of objection and consent."""
    if consent["objections"]["use"] != "not-used":
        objected = quoted(f"objection {consent['objections']['scope']} True")
        yield "objection", f"!(resource.of has said) || resource.of.said.contains({objected})"
    if consent["use"] != "not-used":
        about = f"{consent['kind']} {consent['scope']}"
        when = f"!(resource.of has said) || resource.of.said.contains({quoted(f'{about} False')})"
        agreed = f" || !resource.of.said.contains({quoted(f'{about} True')})"
        yield "consent", when + (agreed if consent["use"] == "required" else "")


def upheld(agreement: dict) -> Iterator[tuple[str, str]]:
    """Give the rule of an objection that was upheld: known to be, or, where Article 21 reaches, not known."""
    points = {point["point"] for party in agreement["parties"] for point in party["lawful_basis"].get("article6", [])}
    under = quoted(f"upheld {agreement['id']}")
    yield "objection", f"resource.of has said && resource.of.said.contains({under})"
    if points & {"e", "f"}:
        yield "objection", "!(resource.of has said)"


def makes_subject(has: dict) -> str:
    """Give the condition under which a row makes somebody a subject."""
    when = (
        f"resource.entity == {quoted(has['entity'])} && {quoted(has['sources'])}.contains(resource.source)"
        f" && {among(has['field'], has['in'])}"
    )
    return f"{when} && !({over(has['entity'])})" if has["open"] else when


def of_item(agreement: dict, item: dict) -> Iterator[tuple[str, str]]:
    """Give what stops a value of an item: the rule's name, and when."""
    yield "roles", f"!{quoted(item['roles'])}.contains(principal.role)"
    if (item["entity"] in {"address", "contact_point"} or of(item) in DERIVED) and "must_know" not in item:
        yield "safe-address", "!(resource.of has safe) || resource.of.safe"
    if item["transform"] == "drop":
        yield "drop", "true"
    yield "prohibited-source", f"{quoted(BARRED)}.contains(resource.source)"
    yield "sources", f"!{quoted(item['sources'])}.contains(resource.source)"
    condition = item.get("rows") or {}
    if "field" in condition:
        yield "rows", f"!({among(condition['field'], condition['in'])})"
    if condition.get("open"):
        yield "rows", over(item["entity"])
    allowed = f"resource.under.onward.contains({quoted(agreement['route']['partner'])})"
    yield "onward", f"resource has under && !(resource.under has onward && {allowed})"
    if item["entity"] == "person":
        yield "doubted", "resource.doubted"


def over(entity: str) -> str:
    """Give the condition under which a row does not last on the day."""
    early, late = (
        "resource has begins && resource.begins > principal.day",
        "resource has ends && resource.ends < principal.day",
    )
    return f"{early} || {late}" + (f" || !({among('status', ['open'])})" if entity == "referral" else "")


def among(field: str, values: list) -> str:
    return f"resource.values has {field} && {quoted(values)}.contains(resource.values.{field})"


def forbid(name: str, when: str, actions: str) -> str:
    return f'@id("{name}") forbid (principal, action {actions}, resource) when {{ {when} }};'


def of(item: dict) -> str:
    return f"{item['entity']}.{item['field']}"


def outgoing(agreement: dict) -> list[dict]:
    return [item for item in agreement["data_items"] if item["direction"] == "out"]


def quoted(plain: object) -> str:
    return json.dumps(plain)


def number(day: date | str) -> int:
    """Write a day as a number that orders as days do and holds whole years: 2026-04-01 is 20260401."""
    return int(str(day).replace("-", ""))


def microseconds(at: datetime) -> int:
    """Write an instant as a whole number that orders as instants do."""
    return (at - EPOCH) // timedelta(microseconds=1)


class Asked:
    """Put one case in Cedar's words: its entities, the questions about the whole release and those about values."""

    def __init__(self, agreement: dict, request: dict, facts: dict, at: datetime, person: str = "one") -> None:
        self._person = person
        self._of = {"__entity": {"type": "Person", "id": person}}
        self.entities: list[dict] = []
        self.whole = [self._question(WHOLE, "Person", person)]
        """First whether anything may leave, then of each row whether it makes the person a subject."""
        self.values: list[dict] = []
        self.items: list[tuple[dict, int, list[tuple[int, object]]]] = []
        """Each item in turn, the place of its row (-1: the person), and its values: number of the question, value."""
        day = number(at.astimezone(ZoneInfo("Europe/London")).date())
        trained = {"trained": number(request["trained_on"])} if request.get("trained_on") else {}
        self._add("Asker", person, {**known(request), **trained, "day": day, "now": microseconds(at)})
        self._add("Person", person, {"of": self._of, **of_facts(facts)})
        for name, to in (facts["onward"] or {}).items():
            self._add("Under", f"{person} {name}", {"onward": to})
        self._hold(facts)
        self._ask_all(outgoing(agreement), facts)

    def _hold(self, facts: dict) -> None:
        person = self._person
        for entity, rows in facts["rows"].items():
            for place, row in enumerate(rows):
                self._add("Held", f"{person} {entity} {place}", self._row(entity, row))
                self.whole.append(self._question(MAKES_SUBJECT, "Held", f"{person} {entity} {place}"))
        for field, found in facts["person"].items():
            for place, one in enumerate(found):
                self._add("Held", f"{person} {field} {place}", {**self._held(one), "doubted": one["doubt"] is not None})

    def _ask_all(self, items: list[dict], facts: dict) -> None:
        person = self._person
        for item in items:
            if item["entity"] == "person":
                values = [one["value"] for one in facts["person"].get(item["field"], [])]
                self._ask(item, -1, [(f"{person} {item['field']} {place}", one) for place, one in enumerate(values)])
        for entity in dict.fromkeys(item["entity"] for item in items if item["entity"] != "person"):
            for place, row in enumerate(facts["rows"].get(entity, [])):
                for item in items:
                    if item["entity"] == entity:
                        value = row["values"].get(item["field"])
                        self._ask(item, place, [] if value is None else [(f"{person} {entity} {place}", value)])

    def _ask(self, item: dict, place: int, values: list[tuple[str, object]]) -> None:
        first = len(self.values)
        self.values += [self._question(f"Action::{quoted(of(item))}", "Held", key) for key, _ in values]
        self.items.append((item, place, [(first + count, value) for count, (_, value) in enumerate(values)]))

    def _question(self, action: str, kind: str, key: str) -> dict:
        return {"principal": f"Asker::{quoted(self._person)}", "action": action, "resource": f"{kind}::{quoted(key)}"}

    def _row(self, entity: str, row: dict) -> dict:
        names = zip(("begins", "ends"), LASTING.get(entity, ("from_date", "to_date")), strict=True)
        days = {name: number(row["values"][day]) for name, day in names if row["values"].get(day)}
        return {**self._held(row), "entity": entity, "values": known(row["values"]), **days}

    def _held(self, one: dict) -> dict:
        under = {"__entity": {"type": "Under", "id": f"{self._person} {one['agreement']}"}}
        return {"of": self._of, "source": one["source"], **({"under": under} if one["agreement"] else {})}

    def _add(self, kind: str, key: str, attributes: dict) -> None:
        self.entities.append({"uid": {"type": kind, "id": key}, "attrs": attributes, "parents": []})


def of_facts(facts: dict) -> dict:
    """Give what is known of the person; what is not known is left out."""
    births = facts["person"].get("birth_date", [])
    answers = facts["consents"]
    return known({
        "restricted": facts["restricted"],
        "restrictedAgainst": facts["restricted_against"],
        "sealed": facts["sealed_identity"],
        "safe": facts["safe_address"],
        "unread": facts["unread"],
        "glass": microseconds(facts["glass_until"]) if facts.get("glass_until") else None,
        "born": number(births[0]["value"]) if births else None,
        "said": None if answers is None else [
            *(f"{one['kind']} {one['scope']} {one['given']}" for one in answers),
            *(f"upheld {each}" for one in answers if one["given"] for each in one["upheld"]),
        ],
    })  # fmt: skip


def known(plain: dict) -> dict:
    return {name: value for name, value in plain.items() if value is not None}


def decide(rules: Rules, asked: Asked) -> dict:
    """Give {"outcome", "stops", "entities", "fields": [(entity, field, action, clauses)]}: every clause that stops."""
    entities = rules.actions.with_added_json_str(json.dumps(asked.entities))
    whole, *subject = answered(asked.whole, rules.whole, entities)
    stops = forbidding(whole)
    if not any(row.allowed for row in subject):
        stops.add("subjects")
    if stops:
        return {"outcome": "withhold", "stops": stops, "entities": {}, "fields": []}
    answers = answered(asked.values, rules.items, entities)
    fields, rows = [], {}
    for item, place, values in asked.items:
        name = (item["entity"], item["field"])
        allowed = [value for number, value in values if answers[number].allowed]
        if allowed:
            leaving = rows.setdefault((item["entity"], place), {})
            leaving[item["field"]] = TRANSFORMS[item["transform"]](allowed[0])
            fields.append((*name, "release", {"items"}))
        elif values:
            fields.append((*name, "withhold", set().union(*(forbidding(answers[number]) for number, _ in values))))
        else:
            fields.append((*name, "unknown", {"unknown"}))
    released: dict[str, list[dict]] = {}
    for (entity, _), row in rows.items():
        if row not in released.setdefault(entity, []):
            released[entity].append(row)
    return {"outcome": "release" if released else "withhold", "stops": set(), "entities": released, "fields": fields}


def answered(questions: list[dict], rules: PolicySet, entities: Entities) -> list[AuthzResult]:
    answers = is_authorized_batch(questions, rules, entities)
    errors = [error for one in answers for error in one.diagnostics.errors]
    assert not errors, errors[0]
    return answers


def forbidding(answer: AuthzResult) -> set[str]:
    """Give the names of the rules that forbid."""
    return set() if answer.allowed else set(answer.diagnostics.id_annotations_by_reason.values())
