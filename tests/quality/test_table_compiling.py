"""A contract's words about a whole stream: every one is known, or refused by its place with what would be right."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from listing import contract, table_rule

from wye.errors import ContractBroken
from wye.quality.contract import load_contract
from wye.quality.tables.compiling import TABLE_RULES
from wye.quality.tables.key_unique import KeyUnique
from wye.quality.tables.row_count import RowCount
from wye.quality.tables.rule import NamedRule
from wye.quality.tables.tied import Tied
from wye.quality.tables.unique import Unique
from wye.vocabulary import Dimension, Severity

CONNECTORS = Path(__file__).parents[2] / "connectors"


def compiled(folder: Path, *people: Mapping[str, object], visits: tuple[Mapping[str, object], ...] = ()):
    path = folder / "contract.odcs.yaml"
    path.write_text(yaml.safe_dump(contract(people, visits)))
    return load_contract(path, "listing").streams


def library(metric: str, **more: object) -> dict[str, object]:
    words = {"name": "one", "type": "library", "metric": metric, "dimension": "uniqueness", "severity": "error"}
    return {**words, "description": "Of the test.", **more}


def test_library_and_custom_forms_compile_to_the_same_rules(tmp_path):
    tied = table_rule("tied", column="person")
    streams = compiled(
        tmp_path,
        library("duplicateValues", mustBe=0, arguments={"properties": ["id"]}),
        {**library("duplicateValues", mustBe=0, arguments={"properties": ["surname", "sex"]}), "name": "two"},
        {
            **library("rowCount", mustBeGreaterOrEqualTo=1, mustBeLessOrEqualTo=9, dimension="completeness"),
            "name": "three",
        },
        visits=(tied,),
    )

    first, second, third = streams["people"].table_rules
    assert first == NamedRule("one", "key_unique", KeyUnique(), Dimension.UNIQUENESS, Severity.ERROR)
    assert second.rule == Unique(of=("surname", "sex"))
    assert third.rule == RowCount(at_least=1, at_most=9)
    assert third.dimension is Dimension.COMPLETENESS
    assert streams["visits"].table_rules[0].rule == Tied(column="person", to="people")


REFUSED = [
    ({"dimension": "coverage"}, r"has dimension `coverage`; allowed: accuracy, completeness, conformity"),
    ({"dimension": None}, r"has dimension `None`; allowed: accuracy"),
    ({"severity": "info"}, r"has severity `info`; allowed: `error` holds, `warning` warns"),
    ({"severity": None}, r"has severity `None`"),
    ({"description": None}, r"needs a `name` and a `description`"),
    ({"name": None}, r"needs a `name` and a `description`"),
    ({"engine": "soda"}, r"is of engine `soda`; allowed: `library`, or `custom` with engine `greatExpectations`"),
    ({"type": "sql", "query": "SELECT 1"}, r"is of type `sql`"),
    ({"type": "text"}, r"is of type `text`"),
    ({"implementation": {"rule": "guess"}}, r"asks for rule `guess`; there are: deletions, fresh, key_unique"),
    ({"implementation": "fresh"}, r"asks for rule `fresh`; there are"),
    ({"implementation": {"rule": "fresh", "hours": 0}}, r"argument `hours` of `fresh`: input should be greater"),
    ({"implementation": {"rule": "fresh", "hours": 1, "days": 1}}, r"argument `days` of `fresh`: extra inputs.*allowed: hours, column, format"),
    ({"implementation": {"rule": "fresh"}}, r"argument `hours` of `fresh`: field required"),
    ({"implementation": {"rule": "row_count"}}, r"arguments of `row_count`: value error, needs a bound"),
    ({"implementation": {"rule": "null_share", "column": "shoe_size", "change": 0.1}}, r"looks at `shoe_size`, which is no column of `people`"),
    ({"implementation": {"rule": "tied", "column": "sex"}}, r"column `sex` needs one relationship .* those are: people.id, visits.id"),
    ({"implementation": {"rule": "tied", "column": "sex", "to": "people"}}, r"needs one relationship"),
    ({"type": "library", "metric": "nullValues", "mustBe": 0}, r"asks for metric `nullValues` with `mustBe`; there are: `rowCount`"),
    ({"type": "library", "metric": "rowCount", "mustBeGreaterThan": 0}, r"asks for metric `rowCount` with `mustBeGreaterThan`"),
    ({"type": "library", "metric": "duplicateValues", "mustBe": 1}, r"asks for metric `duplicateValues`"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), REFUSED, ids=range(len(REFUSED)))
def test_unknown_word_is_refused_by_its_place_with_what_would_be_right(tmp_path, change, said):
    given = {
        key: value for key, value in {**table_rule("fresh", "one", hours=1), **change}.items() if value is not None
    }
    if given["type"] != "custom":
        given = {key: value for key, value in given.items() if key not in {"engine", "implementation"}}

    with pytest.raises(ContractBroken, match=said) as refused:
        compiled(tmp_path, given)

    assert str(refused.value).startswith("contract of `listing`: table rule `")
    assert "of `people`" in str(refused.value)


def test_rule_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(ContractBroken, match="table rule `one` of `people` stands twice"):
        compiled(tmp_path, table_rule("fresh", "one", hours=1), table_rule("key_unique", "one"))


@pytest.mark.parametrize("system", ["agresso", "civica_revenues", "crm", "frameworki"])
def test_every_stream_that_is_read_is_guarded(system):
    streams = load_contract(CONNECTORS / system / "contract.odcs.yaml", system).streams

    for stream in streams.values():
        kinds = {each.kind for each in stream.table_rules}
        assert {"key_unique", "quarantined"} <= kinds <= set(TABLE_RULES), stream.stream
        assert "deletions" in kinds or system == "agresso", "finance's file keeps every voucher"
    assert {each.kind for stream in streams.values() for each in stream.table_rules} >= {"fresh"}


@pytest.mark.parametrize("system", ["nhs_fhir", "police"])
def test_partners_have_no_table_rules(system):
    streams = load_contract(CONNECTORS / system / "contract.odcs.yaml", system).streams

    assert all(stream.table_rules == () for stream in streams.values())


def test_contract_that_is_no_yaml_is_refused_by_its_line(tmp_path):
    path = tmp_path / "contract.odcs.yaml"
    path.write_text("kind: DataContract\nname: one: two\n")

    with pytest.raises(
        ContractBroken, match=r"contract of `listing` cannot be read as ODCS 3\.1 in line 2: ScannerError"
    ):
        load_contract(path, "listing")
