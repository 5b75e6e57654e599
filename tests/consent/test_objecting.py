"""An objection does what Article 21 and the agreement say: withheld, to be answered, or no effect."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from wye.agreements.in_force import read_agreement
from wye.agreements.model import Agreement
from wye.consent.objecting import Effect, answer_by, reach
from wye.vocabulary import Article6, ConsentScope

ROOT = Path(__file__).parents[2] / "sharing_agreements"


def example(name: str, *point: Article6, **objections: Any) -> Agreement:
    """An example agreement, with other points for all its parties and other terms for objections."""
    found = read_agreement(ROOT / name).agreement
    if point:
        parties = []
        for party in found.parties:
            bases = tuple(party.lawful_basis.article6[0].model_copy(update={"point": each}) for each in point)
            parties.append(
                party.model_copy(update={"lawful_basis": party.lawful_basis.model_copy(update={"article6": bases})})
            )
        found = found.model_copy(update={"parties": tuple(parties)})
    if objections:
        terms = found.consent.objections.model_copy(update=objections)
        found = found.model_copy(update={"consent": found.consent.model_copy(update={"objections": terms})})
    return found


@pytest.mark.parametrize(
    ("points", "effect"),
    [
        ((Article6.PUBLIC_TASK,), Effect.TO_ANSWER),
        ((Article6.LEGITIMATE_INTEREST,), Effect.TO_ANSWER),
        ((Article6.LEGAL_OBLIGATION, Article6.PUBLIC_TASK), Effect.TO_ANSWER),
        ((Article6.LEGAL_OBLIGATION,), Effect.NO_EFFECT),
        ((Article6.VITAL_INTERESTS,), Effect.NO_EFFECT),
        ((Article6.CONSENT, Article6.CONTRACT), Effect.NO_EFFECT),
    ],
)
def test_article_21_reaches_points_e_and_f_only(points: tuple[Article6, ...], effect: Effect) -> None:
    found = reach(example("care-packages-finance", *points), ConsentScope.COUNCIL)

    assert found is not None
    assert found.effect is effect
    if effect is Effect.NO_EFFECT:
        assert all(f"6(1)({point})" in found.why for point in points)


@pytest.mark.parametrize(
    ("use", "basis"),
    [("gateway-exception", "its gateway"), ("article-21", "UK GDPR Article 21"), ("our-choice", "our own choice")],
)
def test_agreement_that_heeds_objections_withholds_and_says_on_what_ground(use: str, basis: str) -> None:
    from wye.vocabulary import ObjectionUse

    found = reach(example("adult-care-acute", Article6.LEGAL_OBLIGATION, use=ObjectionUse(use)), ConsentScope.HEALTH)

    assert found is not None
    assert found.effect is Effect.WITHHELD
    assert basis in found.why


def test_agreement_about_another_scope_is_not_told_of() -> None:
    assert reach(example("adult-care-acute"), ConsentScope.POLICE) is None
    assert reach(example("care-packages-finance"), ConsentScope.HEALTH) is None


def test_law_enforcement_under_part_3_is_not_reached() -> None:
    agreement = example("care-packages-finance")
    none = tuple(
        each.model_copy(update={"lawful_basis": each.lawful_basis.model_copy(update={"article6": ()})})
        for each in agreement.parties
    )

    found = reach(agreement.model_copy(update={"parties": none}), ConsentScope.COUNCIL)

    assert found is not None
    assert found.effect is Effect.NO_EFFECT
    assert "Part 3" in found.why


@pytest.mark.parametrize(
    ("said_on", "by"),
    [
        ("2026-11-21", "2026-12-21"),
        ("2026-12-31", "2027-01-31"),
        ("2027-01-31", "2027-02-28"),
        ("2028-01-30", "2028-02-29"),
    ],
)
def test_answer_is_due_in_a_month_or_by_its_last_day(said_on: str, by: str) -> None:
    assert answer_by(date.fromisoformat(said_on)) == date.fromisoformat(by)
