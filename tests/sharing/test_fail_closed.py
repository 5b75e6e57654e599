"""Whatever is unknown, wrong or broken withholds, and a caller can switch no rule off."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wye.agreements.in_force import InForce, Loaded, Standing, load_all, read_agreement
from wye.agreements.model import Agreement
from wye.errors import AgreementRefused
from wye.sharing.cases import admit, admit_all, facts_of_case
from wye.sharing.clauses import ITEM_CLAUSES, PERSON_CLAUSES, VALUE_CLAUSES
from wye.sharing.decision import Reason, Request
from wye.sharing.facts import Facts
from wye.sharing.policy import BoundItem, Policy, compile_policy
from wye.sharing.transforms import TRANSFORMS
from wye.store.pending import PendingProtection
from wye.vocabulary import Action, Outcome, Transform

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
FOLDERS = {path.parent.name: path.parent for path in sorted(AGREEMENTS.glob("**/agreement.yaml"))}
IDS = sorted(FOLDERS)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOADED = {name: read_agreement(FOLDERS[name]) for name in IDS}
POLICIES = {name: compile_policy(one.agreement) for name, one in LOADED.items()}
WAITING = (
    PendingProtection(
        UUID(int=9), "frameworki", "groups", datetime(2026, 1, 2, 9, tzinfo=UTC), "quarantined", unread=True, stated=()
    ),
)
FACTS = {name: facts_of_case(one.cases.value.base, one.cases.value.cases[0].change) for name, one in LOADED.items()}

ENTITLED = {
    name: one.agreement.relationship.any_of[0].value if one.agreement.relationship else None
    for name, one in LOADED.items()
}


def boom(*_: object) -> Reason | None:
    raise RuntimeError("a planted error about Mrs Test")


@pytest.fixture(params=IDS)
def agreement(request: pytest.FixtureRequest) -> Iterator[str]:
    return request.param


def released(policy: Policy, facts: Facts, at: datetime = AT, request: Request | None = None) -> bool:
    return policy.decide(request or policy.request(), facts, at).outcome is Outcome.RELEASE


def test_the_first_case_of_each_agreement_releases(agreement: str) -> None:
    assert released(POLICIES[agreement], FACTS[agreement])


@given(st.sampled_from(IDS), st.sampled_from(["agreement", "recipient", "purpose", "role"]), st.text(max_size=20))
@settings(max_examples=100)
def test_decide_on_an_unknown_word_in_the_request_withholds(name: str, part: str, word: str) -> None:
    policy = POLICIES[name]
    own = policy.request()
    if word == getattr(own, part):
        return

    assert not released(policy, FACTS[name], request=own._replace(**{part: word}, relationship=ENTITLED[name]))


@given(st.sampled_from(IDS), st.sampled_from(["restricted", "sealed_identity", "unread"]))
def test_decide_on_a_fact_not_fetched_withholds(name: str, fact: str) -> None:
    decision = POLICIES[name].decide(POLICIES[name].request(), replace(FACTS[name], **{fact: None}), AT)

    assert decision.outcome is Outcome.WITHHOLD
    assert not decision.waits


def test_decide_while_a_protection_waits_unread_waits_and_says_since_when(agreement: str) -> None:
    decision = POLICIES[agreement].decide(POLICIES[agreement].request(), replace(FACTS[agreement], unread=WAITING), AT)

    assert (decision.outcome, decision.clause, decision.waits) == (Outcome.WITHHOLD, "unread-protection", True)
    assert "waits in quarantine since 2026-01-02T09:00+00:00" in decision.reasons[0].text
    assert decision.reasons[0].record == WAITING[0].record
    assert decision.entities == {}


def test_a_known_protection_decides_before_one_that_waits(agreement: str) -> None:
    facts = replace(FACTS[agreement], unread=WAITING)

    for known, clause in (({"restricted": True}, "restricted-record"), ({"sealed_identity": True}, "prohibited")):
        decision = POLICIES[agreement].decide(POLICIES[agreement].request(), replace(facts, **known), AT)
        assert (decision.clause, decision.waits) == (clause, False)


def test_decide_without_consents_fetched_withholds_where_they_count() -> None:
    facts = FACTS["adult-care-acute"]

    assert not released(POLICIES["adult-care-acute"], replace(facts, consents=None))
    assert not released(POLICIES["adult-care-acute"], replace(facts, objections=None))


@given(st.sampled_from(IDS), st.integers(min_value=0, max_value=40_000), st.booleans())
def test_decide_outside_the_dates_withholds(name: str, days: int, before: bool) -> None:  # noqa: FBT001
    policy = POLICIES[name]
    edge = policy.agreement.effective if before else policy.agreement.expires
    day = edge - timedelta(days=1 + days % 700) if before else edge + timedelta(days=1 + days)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    assert not released(policy, FACTS[name], at)


def test_decide_at_a_naive_instant_withholds_and_alarms(agreement: str) -> None:
    decision = POLICIES[agreement].decide(POLICIES[agreement].request(), FACTS[agreement], datetime(2026, 11, 20))  # noqa: DTZ001

    assert decision.outcome is Outcome.WITHHOLD
    assert decision.alarms


def test_decide_with_nothing_known_withholds(agreement: str) -> None:
    known = replace(FACTS[agreement].known, attributes={}, rows={})

    assert not released(POLICIES[agreement], replace(FACTS[agreement], known=known))


@pytest.mark.parametrize("place", range(len(PERSON_CLAUSES) - 2))
def test_an_error_in_a_person_clause_withholds_and_alarms(agreement: str, place: int) -> None:
    policy = POLICIES[agreement]
    rules = list(policy.person_rules)
    if place >= len(rules):
        place = len(rules) - 1
    name = rules[place][0]
    rules[place] = (name, boom)

    decision = replace(policy, person_rules=tuple(rules)).decide(policy.request(), FACTS[agreement], AT)

    assert decision.outcome is Outcome.WITHHOLD
    assert decision.entities == {}
    assert [reason.clause for reason in decision.alarms] == [name]
    assert decision.considered
    assert "Test" not in str(decision)


@pytest.mark.parametrize("kind", ["item_rules", "value_rules", "transform"])
def test_an_error_in_an_item_withholds_that_field_and_alarms(agreement: str, kind: str) -> None:
    policy = POLICIES[agreement]

    def broken(item: BoundItem) -> BoundItem:
        return item._replace(**{kind: boom if kind == "transform" else (boom,)})

    decision = replace(
        policy,
        person_items=tuple(broken(item) for item in policy.person_items),
        row_items={entity: tuple(broken(item) for item in items) for entity, items in policy.row_items.items()},
    ).decide(policy.request(), FACTS[agreement], AT)

    assert decision.outcome is Outcome.WITHHOLD
    assert decision.alarms
    assert not [one for one in decision.fields if one.action is Action.RELEASE]


def test_one_broken_value_withholds_its_field_only() -> None:
    policy, facts = POLICIES["care-packages-finance"], FACTS["care-packages-finance"]
    name = replace(facts.known.attributes["family_name"][0], value="7")
    known = replace(facts.known, attributes={**facts.known.attributes, "family_name": (name,)})

    decision = policy.decide(policy.request(), replace(facts, known=known), AT)

    assert decision.outcome is Outcome.RELEASE
    assert decision.alarms
    assert "family_name" not in decision.entities["person"][0]
    assert "given_name" in decision.entities["person"][0]
    assert "person.family_name" in decision.masked


def test_no_field_leaves_that_no_item_names(agreement: str) -> None:
    policy, facts = POLICIES[agreement], FACTS[agreement]
    named = {(item.entity, item.field) for item in policy.agreement.data_items if item.direction != "in"}
    sources = policy.agreement.data_items[0].sources
    first = next(iter(facts.known.attributes.values()))[0]
    attributes = {
        **facts.known.attributes,
        **{name: (replace(first, value="MARKER", source=sources[0]),) for name in ("ethnicity", "nino", "new_column")},
    }
    rows = {
        entity: tuple(replace(row, values={**row.values, "new_column": "MARKER", "other": "MARKER"}) for row in found)
        for entity, found in facts.known.rows.items()
    }
    known = replace(facts.known, attributes=attributes, rows={**rows, "incident": rows[next(iter(rows))]})

    decision = policy.decide(policy.request(), replace(facts, known=known), AT)

    assert decision.outcome is Outcome.RELEASE
    gone = {(entity, name) for entity, found in decision.entities.items() for row in found for name in row}
    assert gone <= named
    assert "MARKER" not in str(decision.entities)


def test_an_item_of_a_field_that_the_model_does_not_have_never_leaves() -> None:
    base = LOADED["adult-care-acute"].agreement
    item = base.data_items[0].model_copy(update={"field": "shoe_size"})
    changed: Agreement = base.model_copy(update={"data_items": (*base.data_items, item)})
    facts = FACTS["adult-care-acute"]
    first = facts.known.attributes["sex"][0]
    known = replace(facts.known, attributes={**facts.known.attributes, "shoe_size": (first,)})
    policy = compile_policy(changed)

    decision = policy.decide(policy.request(), replace(facts, known=known), AT)

    assert [one.clause for one in decision.fields if one.field == "shoe_size"] == ["free-text"]


@pytest.mark.parametrize("empty", [{"sources": ()}, {"roles": ()}])
def test_an_item_with_an_empty_list_releases_nothing(agreement: str, empty: dict[str, object]) -> None:
    base = LOADED[agreement].agreement
    items = tuple(item.model_copy(update=empty) for item in base.data_items)

    assert not released(compile_policy(base.model_copy(update={"data_items": items})), FACTS[agreement])


def test_a_release_under_which_a_signed_case_fails_refuses_that_agreement() -> None:
    one = next(one for one in load_all(AGREEMENTS, allow_examples=True) if isinstance(one, Loaded))
    case = one.cases.value.cases[0]
    wrong = case.model_copy(
        update={"expect": case.expect.model_copy(update={"outcome": Outcome.WITHHOLD, "released": ()})}
    )
    cases = one.cases.value.model_copy(update={"cases": (wrong, *one.cases.value.cases[1:])})
    good = InForce(one.agreement, one.digest, one.folder, one.cases.value)
    bad = replace(good, cases=cases)

    assert admit(good, b"k" * 32)
    with pytest.raises(AgreementRefused, match="expected withhold, decided release"):
        admit(bad, b"k" * 32)
    policies, refused = admit_all(Standing({one.agreement.id: bad}, {"other": "expired"}), lambda _: b"k" * 32)
    assert policies == {}
    assert set(refused) == {one.agreement.id, "other"}


def test_decisions_facts_and_policies_are_frozen(agreement: str) -> None:
    policy, facts = POLICIES[agreement], FACTS[agreement]
    decision = policy.decide(policy.request(), facts, AT)

    for value, field in ((policy, "person_rules"), (facts, "restricted"), (decision, "outcome")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field, None)


def test_every_transform_but_drop_has_a_function_and_every_clause_a_name_and_words() -> None:
    clauses = [*PERSON_CLAUSES, *ITEM_CLAUSES, *VALUE_CLAUSES]

    assert set(TRANSFORMS) == set(Transform) - {Transform.DROP}
    assert len({clause.name for clause in clauses}) == len(clauses)
    assert all(clause.about for clause in clauses)
