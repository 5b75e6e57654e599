"""A broken glass lifts the missing relationship while its window is open, where the agreement permits it, and nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

import cedar_peer
import example_agreements as examples
import generated_facts
import naive_decide
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.agreements.cases import Change
from wye.agreements.in_force import read_agreement
from wye.agreements.model import Agreement
from wye.agreements.words import Relationship
from wye.sharing.cases import facts_of_case
from wye.sharing.decision import Decision
from wye.sharing.notice import held_because
from wye.sharing.policy import compile_policy
from wye.sharing.relationships import relationships
from wye.store.known import KnownRow, PersonKnown
from wye.vocabulary import Outcome

LOOKED_AT = [name for name in examples.IDS if examples.plain(name).get("relationship")]
CASES = 4000
PUT_TO_CEDAR = 1000


def permitting(name: str, *, permitted: bool = True) -> tuple[Agreement, dict]:
    """An example in which breaking the glass is permitted, as the engine and as plain code read it."""
    plain = examples.plain(name)
    plain["break_glass"]["permitted"] = permitted
    agreement = read_agreement(examples.AGREEMENTS / name).agreement
    return agreement.model_copy(
        update={"break_glass": agreement.break_glass.model_copy(update={"permitted": permitted})}
    ), plain


@pytest.mark.parametrize("permitted", [True, False])
def test_open_window_lifts_one_rule_as_the_reference_says(permitted: bool) -> None:  # noqa: FBT001  a case
    random = Random(20261123)  # noqa: S311  cases, not secrets
    pairs = [
        (compile_policy(agreement), plain)
        for agreement, plain in (permitting(each, permitted=permitted) for each in LOOKED_AT)
    ]
    lifted, stopped = Counter[str](), Counter[str]()
    for number in range(CASES):
        policy, plain = random.choice(pairs)
        at = generated_facts.an_instant(random)
        request, facts = generated_facts.a_request(random, plain, 0.9), generated_facts.facts(random, at)
        left = random.choice([None, timedelta(0), timedelta(microseconds=1), timedelta(hours=1)])
        asked = generated_facts.engine_request(request)
        known = generated_facts.engine_facts(facts)

        expected = naive_decide.decide(
            plain, request, facts | {"break_glass": left is not None and left > timedelta(0)}, at
        )
        decision = policy.decide(asked, replace(known, break_glass=None if left is None else at + left), at)

        assert decision.outcome.value == expected["outcome"], (number, expected["clause"], decision.clause)
        assert decision.clause == expected["clause"], number
        assert {entity: list(rows) for entity, rows in decision.entities.items()} == expected["entities"], number
        without = policy.decide(asked, known, at)
        if decision.fingerprint != without.fingerprint or decision.clause != without.clause:
            assert without.clause == "relationship", number
            (lifted if decision.outcome is Outcome.RELEASE else stopped)[decision.clause] += 1
    assert (sum(lifted.values()) > 50, sum(stopped.values()) > 50) == (permitted, permitted), (lifted, stopped)


def test_open_window_lifts_one_rule_as_cedar_says() -> None:
    random = Random(20261124)  # noqa: S311  cases, not secrets
    trios = [
        (compile_policy(agreement), cedar_peer.Rules(plain), plain)
        for permitted in (True, False)
        for agreement, plain in (permitting(each, permitted=permitted) for each in LOOKED_AT)
    ]
    lifted = Counter[bool]()
    for number in range(PUT_TO_CEDAR):
        policy, rules, plain = random.choice(trios)
        at = generated_facts.an_instant(random)
        request, facts = generated_facts.a_request(random, plain, 0.9), generated_facts.facts(random, at)
        left = random.choice([None, timedelta(0), timedelta(microseconds=1), timedelta(hours=1)])
        until = None if left is None else at + left
        asked, known = generated_facts.engine_request(request), generated_facts.engine_facts(facts)

        expected = cedar_peer.decide(rules, cedar_peer.Asked(plain, request, {**facts, "glass_until": until}, at))
        decision = policy.decide(asked, replace(known, break_glass=until), at)

        assert decision.outcome.value == expected["outcome"], (number, decision.clause, expected["stops"])
        assert {entity: list(rows) for entity, rows in decision.entities.items()} == expected["entities"], number
        assert not expected["stops"] or decision.clause in expected["stops"], number
        stopped = "relationship" in expected["stops"]
        assert stopped or decision.clause != "relationship", number
        without = cedar_peer.decide(rules, cedar_peer.Asked(plain, request, facts, at))
        lifted[plain["break_glass"]["permitted"]] += "relationship" in without["stops"] and not stopped
    assert lifted[True] > PUT_TO_CEDAR // 20
    assert lifted[False] == 0


def decided(**facts: object) -> Decision:
    """Decide for somebody without a relationship, in a window, about somebody of whom all is known."""
    loaded = read_agreement(examples.AGREEMENTS / "adult-care-acute")
    agreement, _ = permitting("adult-care-acute")
    case = loaded.cases.value.cases[0]
    policy = compile_policy(agreement)
    request = policy.request("discharge-coordinator")
    at = case.at
    known = facts_of_case(loaded.cases.value.base, case.change)
    return policy.decide(request, replace(known, **{"break_glass": at + timedelta(hours=1), **facts}), at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "clause"),
    [
        ({}, "items"),
        ({"break_glass": None}, "relationship"),
        ({"sealed_identity": True}, "prohibited"),
        ({"sealed_identity": None}, "prohibited"),
        ({"restricted": True}, "restricted-record"),
        ({"restricted_against": frozenset({"arrowshire-hospitals"})}, "restricted-record"),
        ({"consents": None}, "consent"),
        ({"unread": None}, "unread-protection"),
    ],
)
def test_no_other_rule_is_lifted(facts: dict[str, object], clause: str) -> None:
    assert decided(**facts).clause == clause


def test_safe_address_is_kept_in_a_window() -> None:
    with_address, guarded = decided(), decided(safe_address=True)

    assert "address.postcode" in with_address.released
    assert not {name for name in guarded.released if name.startswith("address.")}


@given(
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.sampled_from([None, "2026-05-01"]),
    st.sampled_from([None, "2026-06-30"]),
)
def test_relationship_lasts_as_long_as_the_involvement_that_tells_of_it(
    day: date, begins: str | None, ends: str | None
) -> None:
    values = {
        "service": "adult-social-care",
        "worker": "Bea Moss",
        "team": "Hospital discharge",
        "from_date": begins,
        "to_date": ends,
    }
    row = KnownRow(
        {name: value for name, value in values.items() if value},
        "frameworki",
        UUID(int=1),
        "c",
        generated_facts.SEEN,
        None,
    )
    known = PersonKnown(UUID(int=2), {}, {"involvement": (row,)})
    lasts = (begins is None or begins <= day.isoformat()) and (ends is None or day.isoformat() <= ends)

    by_name = relationships(known, ["Bea Moss"], [], day.isoformat())
    by_team = relationships(known, [], ["Hospital discharge"], day.isoformat())

    cares, allocated = Relationship.CARES_FOR_THE_PERSON, Relationship.ALLOCATED_WORKER
    assert by_name == (frozenset({cares, allocated}) if lasts else frozenset())
    assert by_team == (frozenset({cares}) if lasts else frozenset())
    assert relationships(known, ["Another"], ["Another team"], day.isoformat()) == frozenset()
    assert relationships(known, [], [], day.isoformat()) == frozenset()


@pytest.mark.parametrize(
    ("facts", "flows", "why"),
    [
        ({}, ["adult-care-acute"], ()),
        ({}, ["adult-care-acute", "safeguarding-police"], ("something flows under `safeguarding-police`",)),
        ({}, [None], ("something went under an agreement whose text is not held any more",)),
        ({"safe_address": True}, [], ("a safe-address flag is held, or it is not known",)),
        ({"safe_address": None}, [], ("a safe-address flag is held, or it is not known",)),
        ({"restricted": True}, [], ("the record is restricted, or it is not known whether it is",)),
        ({"restricted_against": None}, [], ("the record is restricted, or it is not known whether it is",)),
        ({"unread": None}, [], ("a newer version of a protection waits, and nobody has read it",)),
        ({"rows": {"referral": {"kind": "safeguarding-adult", "status": "closed"}}}, [], ("a safeguarding referral is known",)),
        ({"rows": {"referral": {"kind": "care"}}}, [], ()),
        ({"rows": {"incident": {"kind": "crime"}}}, [], ("police data are known",)),
    ],
)  # fmt: skip
def test_notice_is_held_where_safeguarding_or_police_data_are_or_may_be(
    facts: dict, flows: list[str | None], why: tuple[str, ...]
) -> None:
    loaded = read_agreement(examples.AGREEMENTS / "adult-care-acute")
    plain = facts_of_case(loaded.cases.value.base, loaded.cases.value.cases[0].change)
    rows = {
        entity: (KnownRow(values, "frameworki", UUID(int=1), "c", generated_facts.SEEN, None),)
        for entity, values in facts.pop("rows", {}).items()
    }
    known = replace(plain.known, rows=rows)
    agreements = [None if each is None else read_agreement(examples.AGREEMENTS / each).agreement for each in flows]

    assert held_because(replace(plain, known=known, **facts), agreements) == why


@pytest.mark.parametrize("permitted", [True, False])
def test_case_says_that_the_glass_is_broken(permitted: bool) -> None:  # noqa: FBT001  a case
    loaded = read_agreement(examples.AGREEMENTS / "adult-care-acute").cases.value
    agreement, _ = permitting("adult-care-acute", permitted=permitted)
    policy = compile_policy(agreement)

    decision = policy.decide(
        policy.request("discharge-coordinator"),
        facts_of_case(loaded.base, Change(break_glass=True)),
        loaded.cases[0].at,
    )

    assert decision.clause == ("items" if permitted else "relationship")
