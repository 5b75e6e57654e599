"""Free text leaves only by an item that names it and says why; and then as it is, as a flag, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import example_agreements as examples
import pytest
from agreement_findings import ACUTE, findings

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.in_force import read_agreement
from wye.agreements.loading import load
from wye.agreements.model import Agreement, Item
from wye.errors import AgreementRefused
from wye.sharing.cases import facts_of_case
from wye.sharing.decision import Decision
from wye.sharing.policy import compile_policy
from wye.store.known import KnownRow
from wye.vocabulary import Direction, Role, Transform

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
FREE = sorted(name for name, facts in FIELDS.items() if facts.classification is Classification.FREE_TEXT)
PASSING = {Transform.AS_IS, Transform.FLAG_ONLY}
MARKER = "MARKER lives at 4 Mill Lane, AR1 2BC"
LOADED = read_agreement(AGREEMENTS / ACUTE)


def decided(entity: str, transforms: dict[str, Transform]) -> Decision:
    """Decide under the hospital's agreement with items for these fields of one row, every field of which holds a text."""
    base = LOADED.agreement
    kept = tuple(item for item in base.data_items if item.entity != entity)
    added = tuple(
        Item(
            entity=entity, field=name, direction=Direction.OUT, transform=transform, sources=("frameworki",),
            roles=(Role.FEED,), justification="The ward must know what was said.",
        )
        for name, transform in transforms.items()
    )  # fmt: skip
    policy = compile_policy(base.model_copy(update={"data_items": (*kept, *added)}), b"k" * 32)
    facts = facts_of_case(LOADED.cases.value.base, LOADED.cases.value.cases[0].change)
    values = {name: MARKER for owner, name in FIELDS if owner == entity}
    row = KnownRow(values, "frameworki", UUID(int=5), "c", AT, None)
    known = replace(facts.known, rows={**facts.known.rows, entity: (row,)})
    return policy.decide(policy.request(), replace(facts, known=known), AT)


def test_the_model_has_free_text_in_several_places() -> None:
    assert ("referral", "detail") in FREE
    assert len(FREE) >= 4


@pytest.mark.parametrize(("entity", "field"), FREE)
@pytest.mark.parametrize("transform", list(Transform))
def test_named_free_text_leaves_as_it_is_as_a_flag_or_not_at_all(entity: str, field: str, transform: Transform) -> None:
    decision = decided(entity, {field: transform})

    said = [(one.action.value, one.clause) for one in decision.fields if (one.entity, one.field) == (entity, field)]
    if transform in PASSING:
        assert said == [("release", "items")]
        assert decision.entities[entity] == ({field: MARKER if transform is Transform.AS_IS else True},)
    else:
        assert said == [("withhold", "drop" if transform is Transform.DROP else "free-text")]
        assert "MARKER" not in str(decision.entities)


@pytest.mark.parametrize(("entity", "field"), FREE)
def test_free_text_that_no_item_names_stays_though_every_other_field_of_its_row_leaves(entity: str, field: str) -> None:
    others = {name: Transform.AS_IS for owner, name in FIELDS if owner == entity and (owner, name) not in FREE}

    decision = decided(entity, others)

    assert set(decision.entities[entity][0]) == set(others)
    assert field not in decision.entities[entity][0]


@pytest.mark.parametrize("transform", sorted(set(Transform) - PASSING - {Transform.DROP}))
def test_check_refuses_free_text_through_another_transform(transform: Transform) -> None:
    def edit(plain: dict) -> None:
        plain["data_items"][0].update(entity="referral", field="detail", transform=transform.value)

    assert any(f"transform `{transform}` does not fit `referral.detail`" in one for one in findings(ACUTE, edit))


@pytest.mark.parametrize("why", [None, "", " "])
def test_item_that_does_not_say_why_is_refused(why: str | None) -> None:
    content = examples.plain("safeguarding-police")
    item = next(one for one in content["data_items"] if one["field"] == "detail")
    item["justification"] = why
    if why is None:
        del item["justification"]

    with pytest.raises(AgreementRefused, match="justification"):
        load(Agreement, examples.dumped(content), "agreement.yaml")
