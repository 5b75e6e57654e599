"""Every canonical field is described for people and classified for rules."""

import pkgutil
from typing import ClassVar

import pytest
from pydantic import Field

import schemas
from schemas.base import Canonical, described
from schemas.catalogue import ENTITIES, FIELDS, _facts
from schemas.classification import Classification, Use


def test_every_entity_file_is_in_the_catalogue() -> None:
    files = {module.name for module in pkgutil.iter_modules(schemas.__path__)} - {
        "base",
        "catalogue",
        "classification",
        "locating",
    }

    assert files == set(ENTITIES)


@pytest.mark.parametrize(("entity", "field"), sorted(FIELDS))
def test_field_is_described_in_a_sentence_and_classified(entity: str, field: str) -> None:
    facts = FIELDS[entity, field]

    assert facts.description.endswith(".")
    assert len(facts.description) > 8
    assert isinstance(facts.classification, Classification)


def test_field_without_class_is_refused() -> None:
    class Careless(Canonical):
        entity: ClassVar[str] = "careless"
        shoe_size: int | None = Field(default=None, description="Size of shoe.")

    with pytest.raises(TypeError, match=r"careless\.shoe_size"):
        _facts("careless", Careless)


def test_identifier_without_use_is_refused() -> None:
    with pytest.raises(TypeError, match="where it may be used"):
        described("A number.", Classification.IDENTIFIER)
    with pytest.raises(TypeError, match="where it may be used"):
        described("A name.", Classification.PERSONAL, Use.ANY)


def test_nhs_number_is_for_health_and_adult_care_only() -> None:
    assert FIELDS["person", "nhs_number"].uses == {Use.HEALTH, Use.ADULT_CARE}
    assert FIELDS["person", "upn"].uses == {Use.EDUCATION}
