"""How a decision uses transforms: what time changes is due again, a missing key withholds, and no question alters either."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wye.agreements.days import start_of
from wye.agreements.diff import Effect, diff
from wye.agreements.in_force import read_agreement
from wye.agreements.model import Agreement
from wye.agreements.page import DONE
from wye.agreements.showing import show, show_html
from wye.sharing.cases import facts_of_case
from wye.sharing.decision import Decision
from wye.sharing.facts import Facts
from wye.sharing.policy import compile_policy
from wye.sharing.transforms import TRANSFORMS
from wye.vocabulary import Direction, Outcome, Transform

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
ACUTE = read_agreement(AGREEMENTS / "adult-care-acute")
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def agreement_with(**transforms: Transform) -> Agreement:
    """The hospital's agreement, in force for long, with other transforms on fields of the person."""
    items = tuple(
        item.model_copy(update={"transform": transforms[item.field]})
        if item.entity == "person" and item.direction is Direction.OUT and item.field in transforms
        else item
        for item in ACUTE.agreement.data_items
    )
    return ACUTE.agreement.model_copy(update={"data_items": items, "expires": date(2060, 3, 31)})


def facts_born(born: str) -> Facts:
    facts = facts_of_case(ACUTE.cases.value.base, ACUTE.cases.value.cases[0].change)
    first = replace(facts.known.attributes["birth_date"][0], value=born, source="frameworki", agreement=None)
    known = replace(facts.known, attributes={**facts.known.attributes, "birth_date": (first,)})
    return replace(facts, known=known)


def decided(agreement: Agreement, facts: Facts, at: datetime = AT, key: bytes | None = KEY) -> Decision:
    policy = compile_policy(agreement, key)
    return policy.decide(policy.request(), facts, at)


def test_age_band_is_due_again_on_the_first_of_january_that_changes_it_and_not_before() -> None:
    agreement, facts = agreement_with(birth_date=Transform.AGE_BAND), facts_born("1985-06-30")
    now = decided(agreement, facts)
    change = now.next_change_at

    assert now.entities["person"][0]["birth_date"] == "40-44"
    assert change == start_of(date(2031, 1, 1))
    assert decided(agreement, facts, change - timedelta(seconds=1)).fingerprint == now.fingerprint
    after = decided(agreement, facts, change)
    assert after.entities["person"][0]["birth_date"] == "45-49"
    assert after.fingerprint != now.fingerprint
    assert after.next_change_at == start_of(date(2036, 1, 1))
    assert decided(agreement_with(), facts).next_change_at == start_of(date(2060, 4, 1))


@given(st.dates(date(1930, 1, 1), date(2005, 12, 31)), st.integers(0, 366 * 20))
@settings(max_examples=150, deadline=None)
def test_what_leaves_changes_at_no_instant_that_was_not_announced(born: date, days: int) -> None:
    agreement, facts = agreement_with(birth_date=Transform.AGE_BAND), facts_born(born.isoformat())
    now, later = decided(agreement, facts), AT + timedelta(days=days)

    if now.next_change_at is not None and later < now.next_change_at:
        assert decided(agreement, facts, later).fingerprint == now.fingerprint


@pytest.mark.parametrize(
    ("field", "transform"), [("nhs_number", Transform.KEYED_PSEUDONYM), ("birth_date", Transform.DATE_SHIFT)]
)
@pytest.mark.parametrize("key", [None, b"", b"short"])
def test_without_its_key_an_item_is_withheld_with_an_alarm_and_the_rest_leaves(
    field: str, transform: Transform, key: bytes | None
) -> None:
    facts = facts_born("1985-06-30")
    decision = decided(agreement_with(**{field: transform}), facts, key=key)
    with_key = decided(agreement_with(**{field: transform}), facts)

    assert decision.outcome is Outcome.RELEASE
    assert field not in decision.entities["person"][0]
    assert f"person.{field}" in decision.masked
    assert [one.clause for one in decision.fields if one.field == field] == ["error"]
    assert [f"`person.{field}`" in alarm.text for alarm in decision.alarms] == [True]
    assert field in with_key.entities["person"][0]
    assert with_key.alarms == ()


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
@settings(max_examples=100, deadline=None)
def test_no_question_gets_the_value_itself(agreement: str, recipient: str, purpose: str, role: str) -> None:
    changed = agreement_with(nhs_number=Transform.KEYED_PSEUDONYM, birth_date=Transform.DATE_SHIFT)
    policy, facts = compile_policy(changed, KEY), facts_born("1985-06-30")
    number = str(facts.known.attributes["nhs_number"][0].value)
    own = policy.request()

    for request in (
        own,
        own._replace(agreement=agreement),
        own._replace(recipient=recipient),
        own._replace(purpose=purpose),
        own._replace(role=role),
    ):
        sent = str(policy.decide(request, facts, AT).entities)
        assert number not in sent
        assert "1985-06-30" not in sent


def test_pseudonym_differs_between_two_agreements_and_agrees_within_one() -> None:
    changed = agreement_with(nhs_number=Transform.KEYED_PSEUDONYM)
    first, again, other = (
        decided(changed, facts_born(born), key=key).entities["person"][0]["nhs_number"]
        for born, key in (("1985-06-30", KEY), ("1970-01-01", KEY), ("1985-06-30", OTHER_KEY))
    )

    assert first == again
    assert first != other


@pytest.mark.parametrize("word", sorted(set(TRANSFORMS) - {Transform.AS_IS}))
def test_each_transform_is_told_to_signatories_and_shares_less_than_the_value(word: Transform) -> None:
    changed = agreement_with(family_name=word)
    (change,) = diff(agreement_with(), changed)
    (back,) = diff(changed, agreement_with())

    assert (change.effect, back.effect) == (Effect.LESS, Effect.MORE)
    assert f"is `{word.value}`" in change.words
    assert DONE[word] in " ".join(show(changed).split())
    assert DONE[word] in " ".join(show_html(changed).split())
    assert len(set(DONE.values())) == len(DONE)
