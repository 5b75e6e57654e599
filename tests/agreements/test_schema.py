"""The JSON Schema for editors says what the loader says, as another program reads it."""

import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any

import example_agreements as examples
import pytest
from agreement_findings import ACUTE

from wye.agreements import words
from wye.agreements.dpv import term_of, terms
from wye.agreements.keys import leaves
from wye.agreements.schema import agreement_schema, key_page, vocabulary_in

SCHEMA = examples.ROOT / "docs" / "schemas" / "agreement.json"


def validated(*files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("check-jsonschema")), "--schemafile", str(SCHEMA), *map(str, files)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_examples_fit_the_schema_as_check_jsonschema_reads_them() -> None:
    done = validated(*(examples.folder(name) / "agreement.yaml" for name in examples.ALL_IDS))

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("template: reciprocal", "template: secret", "'secret' is not one of ['reciprocal'"),
        ("title: ", "titel: ", "'titel' was unexpected"),
        ("    may: [disclose, receive]\n", "", "'may' is a required property"),
        ("period: P8Y", "period: 8 years", "'8 years' does not match"),
        ("any_of: [cares-for-the-person", "any_of: [is-curious", "'is-curious' is not one of"),
        ("version: 1.0", "version: first", "$.version: 'first' is not valid under any of the given schemas"),
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(tmp_path: Path, was: str, now: str, said: str) -> None:
    text = (examples.AGREEMENTS / ACUTE / "agreement.yaml").read_text()
    (tmp_path / "agreement.yaml").write_text(text.replace(was, now, 1))

    done = validated(tmp_path / "agreement.yaml")

    assert done.returncode == 1
    assert said in done.stdout


def test_every_key_of_the_schema_is_described() -> None:
    def bare(part: Any) -> list[str]:
        return [key for key, value in part.get("properties", {}).items() if not described(value)]

    def described(value: Any) -> bool:
        inner = [value, value.get("items", {}), *value.get("anyOf", ())]
        return "description" in value or any("$ref" in each for each in inner)

    schema = agreement_schema()

    assert bare(schema) == []
    assert [bare(part) for part in schema["$defs"].values() if bare(part)] == []


def vocabularies() -> dict[str, type[Enum]]:
    found = [vocabulary_in(annotation) for _, annotation in leaves()]
    return {each.__name__: each for each in found if each is not None}


@pytest.mark.parametrize("name", list(terms().vocabularies))
def test_every_word_of_a_vocabulary_is_related_or_said_to_be_ours(name: str) -> None:
    rows = terms().vocabularies[name]

    assert [row.word for row in rows] == [str(each.value) for each in vocabularies()[name]]
    for row in rows:
        assert (row.term is None) == (row.match is None)
        assert (term_of(name, row.word) is None) == (row.term is None)


def test_page_of_keys_names_every_word_and_where_each_key_is_kept() -> None:
    page = key_page("made by code")

    for vocabulary in vocabularies().values():
        assert all(f"| `{each.value}` |" in page for each in vocabulary)
    assert "| `purpose.prohibited` | What the data must not be used for." in page
    assert "| `safeguarding` | <https://w3id.org/dpv/sector/publicservices#SocialWelfareManagement> | broader |" in page
    assert "| `ea` | <https://w3id.org/dpv#LegitimateInterest> | broader |" in page
    ours = {each.__name__ for each in vars(words).values() if isinstance(each, type) and issubclass(each, Enum)}
    assert ours - {"StrEnum", "GatewayKind"} <= set(vocabularies())  # the last is of the table of gateways
