"""The reference of clauses and transforms leaves none out, and what it says of keys and files is so."""

from pathlib import Path

import pytest

from wye.agreements.fitting import FITS
from wye.agreements.page import DONE
from wye.sharing import clauses, transforms
from wye.sharing.clauses import ITEM_CLAUSES, PERSON_CLAUSES, VALUE_CLAUSES
from wye.sharing.reference import clause_page, keys_of
from wye.sharing.transforms import TRANSFORMS
from wye.vocabulary import Transform

PAGE = clause_page("made by code")
ROOT = Path(__file__).parents[2]
CLAUSES = {one.name: one for one in (*PERSON_CLAUSES, *ITEM_CLAUSES, *VALUE_CLAUSES)}
SHAPES = {"__init__.py", "clause.py", "transform.py", "days.py"}
"""What is no clause and no transform of its own."""


@pytest.mark.parametrize("package", [clauses, transforms])
def test_every_file_of_a_clause_or_transform_stands_in_the_reference_once_and_exists(package: object) -> None:
    folder = Path(str(package.__file__)).parent  # type: ignore[attr-defined]  a package has a file
    files = {path.name for path in folder.glob("*.py")} - SHAPES
    sections = [line for line in PAGE.splitlines() if "enforced in: `" in line or line.startswith("| `")]

    for name in files:
        where = f"`{(folder / name).relative_to(ROOT)}`"
        found = [line for line in sections if where in line]
        assert len(found) == (2 if name == "drop.py" else 1), name


def test_every_word_is_explained_fits_something_and_is_told_to_readers() -> None:
    assert set(FITS) == set(DONE) == set(Transform)
    assert set(TRANSFORMS) == set(Transform) - {Transform.DROP}
    for word, rule in TRANSFORMS.items():
        assert rule.word is word
        assert f"| `{word.value}`" in PAGE
        assert rule.about in PAGE


@pytest.mark.parametrize(
    ("clause", "key"),
    [
        ("request", "purpose.code"), ("subjects", "subjects.has.entity"), ("subjects", "subjects.minimum_age"),
        ("rows", "data_items[].rows.open"), ("roles", "data_items[].roles"), ("sources", "data_items[].sources"),
        ("relationship", "relationship.any_of"), ("training", "relationship.trained_within"), ("consent", "consent.use"), ("objection", "consent.objections.use"),
        ("in-force", "expires"), ("restricted-record", "restricted_records.action"), ("drop", "data_items[].transform"),
        ("free-text", "data_items[].transform"), ("transform-fits", "data_items[].transform"),
        ("prohibited-source", "purpose.prescribed"), ("safe-address", "data_items[].must_know"),
    ],
)  # fmt: skip
def test_clause_names_the_key_that_it_keeps(clause: str, key: str) -> None:
    assert key in keys_of(CLAUSES[clause])


def test_clause_without_a_key_is_said_to_hold_everywhere() -> None:
    bare = {name for name, one in CLAUSES.items() if not keys_of(one)}

    assert bare == {"prohibited", "unread-protection", "onward", "doubted"}
    assert PAGE.count("it holds under every agreement") == len(bare)
