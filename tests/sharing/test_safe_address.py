"""A flagged address and what derives from it stay back, whoever of a family the flag is of; who must know still sees an item."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import naive_decide
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import ENTITIES, FIELDS
from schemas.classification import Classification
from schemas.locating import CLASSES, DERIVED, WHOLE, locates, locating
from wye.agreements.in_force import read_agreement
from wye.agreements.model import Agreement, Item
from wye.agreements.periods import LASTING
from wye.sharing.cases import facts_of_case
from wye.sharing.facts import Facts, facts_of
from wye.sharing.policy import compile_policy
from wye.store.known import KnownRow, PersonKnown
from wye.store.protections import GuardedRelation, Protections
from wye.vocabulary import Action, Direction, Transform

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
ACUTE = read_agreement(AGREEMENTS / "adult-care-acute")
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = date(2026, 11, 20)
FLAG = {"kind": "safe-address", "from_date": "2026-01-01"}
HERE = {"kind": "home", "lines": "4 Mill Lane", "postcode": "AR1 2BC", "uprn": "100011"}
ELSEWHERE = {"kind": "home", "lines": "9 High Street", "postcode": "AR7 7QQ", "uprn": "100077"}
OVER = {**HERE, "to_date": "2026-11-19"}
EVERY = [name for name in FIELDS if name[0] != "person" and name != ("relationship", "other")]


def held(entity: str, field: str) -> KnownRow:
    """A row with a value for a field, that lasts."""
    values: dict[str, object] = {field: "Nether Care"}
    lasting = LASTING.get(entity)
    if lasting is not None and lasting.state is not None:
        values[lasting.state] = lasting.open_state
    if field.endswith(("_date", "_on")):
        values[field] = "2026-11-20"
    if field == "postcode":
        values[field] = "AR1 2BC"
    return KnownRow(values, "frameworki", UUID(int=3), "c", AT, None)


def asking(entity: str, field: str, transform: Transform, must_know: str | None = None) -> Agreement:
    """The agreement with the hospitals with one more item."""
    item = Item(
        entity=entity, field=field, direction=Direction.OUT, transform=transform, sources=("frameworki",),
        roles=ACUTE.agreement.data_items[0].roles, must_know=must_know, justification="for a test",
    )  # fmt: skip
    others = [
        each for each in ACUTE.agreement.data_items
        if (each.direction, each.entity, each.field) != (Direction.OUT, entity, field)
    ]  # fmt: skip
    return ACUTE.agreement.model_copy(update={"data_items": (*others, item)})


def facts(entity: str, field: str, *, safe_address: bool | None) -> Facts:
    base = facts_of_case(ACUTE.cases.value.base, ACUTE.cases.value.cases[0].change)
    beside = base.known.rows["involvement"] if entity == "involvement" else ()  # it makes her a subject
    rows = {**base.known.rows, entity: (held(entity, field), *beside)}
    return replace(base, known=replace(base.known, rows=rows), safe_address=safe_address)


def answer(agreement: Agreement, entity: str, field: str, *, safe_address: bool | None) -> set[tuple[Action, str]]:
    policy = compile_policy(agreement, bytes(32))
    decision = policy.decide(policy.request(), facts(entity, field, safe_address=safe_address), AT)
    return {
        (one.action, one.clause)
        for one in decision.fields
        if (one.entity, one.field) == (entity, field) and one.action is not Action.UNKNOWN
    }


@pytest.mark.parametrize("name", EVERY, ids=".".join)
@pytest.mark.parametrize("safe_address", [True, None])
def test_every_field_that_locates_stays_back_and_no_other(name: tuple[str, str], *, safe_address: bool | None) -> None:
    found = answer(asking(*name, Transform.AS_IS), *name, safe_address=safe_address)
    unflagged = answer(asking(*name, Transform.AS_IS), *name, safe_address=False)

    expected = {(Action.WITHHOLD, "safe-address")} if locates(*name) else {(Action.RELEASE, "items")}
    assert found == expected
    assert unflagged == {(Action.RELEASE, "items")}


@pytest.mark.parametrize(
    ("name", "transform"),
    [
        (("address", "postcode"), Transform.OUTWARD_POSTCODE), (("address", "town"), Transform.LOCALITY),
        (("address", "uprn"), Transform.KEYED_PSEUDONYM), (("contact_point", "value"), Transform.MASK),
        (("referral", "detail"), Transform.FLAG_ONLY), (("address", "from_date"), Transform.DATE_SHIFT),
    ],
)  # fmt: skip
def test_no_transform_lets_what_locates_leave(name: tuple[str, str], transform: Transform) -> None:
    assert answer(asking(*name, transform), *name, safe_address=True) == {(Action.WITHHOLD, "safe-address")}
    assert answer(asking(*name, transform), *name, safe_address=False) == {(Action.RELEASE, "items")}


@pytest.mark.parametrize("name", [name for name in EVERY if locates(*name)], ids=".".join)
def test_who_must_know_still_sees_the_item_that_says_so_and_no_other(name: tuple[str, str]) -> None:
    agreement = asking(*name, Transform.AS_IS, must_know="they guard the door")
    policy = compile_policy(agreement)

    decision = policy.decide(policy.request(), facts(*name, safe_address=True), AT)

    assert answer(agreement, *name, safe_address=True) == {(Action.RELEASE, "items")}
    assert answer(agreement, *name, safe_address=None) == {(Action.RELEASE, "items")}
    named = {(each.entity, each.field) for each in agreement.data_items if each.must_know}
    gone = {(one.entity, one.field) for one in decision.fields if one.action is Action.RELEASE}
    assert {each for each in gone if locates(*each)} <= named


def test_recipient_against_whom_the_record_is_restricted_gets_nothing_whatever_it_must_know() -> None:
    policy = compile_policy(asking("address", "lines", Transform.AS_IS, must_know="they guard the door"))
    known = facts("address", "lines", safe_address=True)

    here = policy.decide(
        policy.request(), replace(known, restricted_against=frozenset({policy.agreement.recipient})), AT
    )
    other = policy.decide(policy.request(), replace(known, restricted_against=frozenset({"marches-police"})), AT)
    unknown = policy.decide(policy.request(), replace(known, restricted_against=None), AT)

    assert (here.clause, here.entities) == ("restricted-record", {})
    assert other.clause == "items"
    assert (unknown.clause, unknown.entities) == ("restricted-record", {})


def test_table_names_fields_of_the_model_and_each_with_a_reason() -> None:
    found = {(entity, field) for entity, field, _ in locating()}

    assert found == naive_decide.WHOLE, "the reference names them one by one"
    assert set(WHOLE) <= set(ENTITIES)
    assert set(DERIVED) <= set(FIELDS)
    assert not set(DERIVED) & {name for name in FIELDS if name[0] in WHOLE or FIELDS[name].classification in CLASSES}
    assert {name for name, facts in FIELDS.items() if facts.classification is Classification.SAFE_ADDRESS} <= found
    assert {name for name, facts in FIELDS.items() if facts.classification is Classification.FREE_TEXT} <= found
    assert locates("person", "shoe_size") is not None, "what the model does not have is not known to be harmless"
    assert locates("person", "family_name") is None


def read(own: Sequence[Mapping[str, object]], *relations: GuardedRelation) -> Facts:
    rows = {"address": tuple(KnownRow(values, "crm", UUID(int=1), "c", AT, None) for values in own)}
    protections = Protections(restricted=False, against=frozenset(), relations=relations)
    return facts_of(PersonKnown(UUID(int=3), {}, rows), (), {}, (), AT, protections)


def relation(*addresses: Mapping[str, object], **flag: object) -> GuardedRelation:
    return GuardedRelation({**FLAG, **flag}, addresses)


@pytest.mark.parametrize(
    ("own", "theirs", "guarded"),
    [
        ([HERE], [HERE], True),
        ([HERE], [ELSEWHERE], False),
        ([HERE, ELSEWHERE], [ELSEWHERE], True),
        ([HERE], [OVER, ELSEWHERE], False),
        ([OVER, ELSEWHERE], [HERE], False),
        ([{"postcode": "ar12bc"}], [HERE], True),
        ([{"uprn": "0100011"}], [HERE], True),
        ([{"lines": "4 Mill Lane"}], [HERE], True),
        ([HERE], [], True),
        ([], [HERE], True),
        ([HERE], [{**HERE, "from_date": "2027-01-01"}], True),
        ([HERE], [{**HERE, "to_date": "2026-11-20"}], True),
    ],
)
def test_address_of_a_relation_is_theirs_if_they_share_it_or_nobody_knows(
    own: list[Mapping[str, object]], theirs: list[Mapping[str, object]], *, guarded: bool
) -> None:
    assert read(own, relation(*theirs)).safe_address is guarded


def test_relation_whose_flag_is_over_guards_nobody_and_one_that_begins_is_looked_at_that_day() -> None:
    over = read([HERE], relation(HERE, to_date="2026-11-19"))
    ends = read([HERE], relation(HERE, to_date="2026-11-20"))
    begins = read([HERE], relation(HERE, from_date="2026-12-24"))

    assert (over.safe_address, over.changes_at) == (False, None)
    assert (ends.safe_address, ends.changes_at) == (True, datetime(2026, 11, 21, tzinfo=UTC))
    assert (begins.safe_address, begins.changes_at) == (False, datetime(2026, 12, 24, tzinfo=UTC))


def test_relation_of_whom_a_version_waits_unread_counts_as_flagged() -> None:
    assert read([HERE], GuardedRelation({}, (HERE,))).safe_address is True


DAYS = st.integers(-3, 3).map(lambda days: (TODAY + timedelta(days=days)).isoformat()) | st.none()
PLACES = st.fixed_dictionaries(
    {
        "postcode": st.sampled_from([None, "AR1 2BC", "AR7 7QQ"]),
        "uprn": st.sampled_from([None, "1", "2"]),
        "to_date": DAYS,
    }
)


@given(own=st.lists(PLACES, max_size=3), theirs=st.lists(PLACES, max_size=3), ends=DAYS, begins=DAYS)
def test_no_address_that_both_have_now_is_told_while_the_flag_lasts(
    own: list[dict[str, str | None]], theirs: list[dict[str, str | None]], ends: str | None, begins: str | None
) -> None:
    found = read(own, relation(*theirs, from_date=begins, to_date=ends)).safe_address

    lasts = (begins or "") <= TODAY.isoformat() and (ends or "9") >= TODAY.isoformat()
    alive = [[one for one in each if (one["to_date"] or "9") >= TODAY.isoformat()] for each in (own, theirs)]
    common = any(
        one[key] is not None and one[key] == other[key]
        for one in alive[0] for other in alive[1] for key in ("postcode", "uprn")
    )  # fmt: skip
    if common and lasts:
        assert found is True
    if not lasts:
        assert found is False
