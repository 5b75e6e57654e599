"""Keep every connector's contract sound: valid ODCS, every column described, typed, classified; every rule placed."""

import json
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from schemas.classification import Classification
from wye.ports import Connector, FindsDeletions, Reads, Receives, Shapes, Writes
from wye.quality.contract import ODCS_DIMENSIONS, load_contract

CONNECTORS = Path(__file__).parents[2] / "connectors"
SYSTEMS = sorted(path.parent.name for path in CONNECTORS.glob("*/__init__.py"))
NAMED = {point.name: point for point in entry_points(group="wye.connectors")}


def contract_of(system: str) -> OpenDataContractStandard:
    return OpenDataContractStandard.from_file(str(CONNECTORS / system / "contract.odcs.yaml"))


def connector_of(system: str) -> Connector:
    return NAMED[system].load()({})


def properties_of(system: str) -> list[tuple[str, SchemaProperty]]:
    return [
        (f"{stream.name}.{column.name}", column)
        for stream in contract_of(system).schema_ or []
        for column in stream.properties or []
    ]


def test_there_are_systems_to_check():
    assert {"frameworki", "crm"} <= set(SYSTEMS)


@pytest.mark.parametrize("system", SYSTEMS)
def test_contract_is_valid_odcs_3_1(system):
    text = (CONNECTORS / system / "contract.odcs.yaml").read_text()
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())

    jsonschema.validators.validator_for(schema)(schema).validate(yaml.safe_load(text))

    contract = contract_of(system)
    assert (contract.apiVersion, contract.kind, str(contract.id).replace("-", "_"), contract.status) == (
        "v3.1.0",
        "DataContract",
        system,
        "active",
    )
    assert contract.name
    assert contract.version
    assert contract.description
    assert contract.description.purpose


@pytest.mark.parametrize("system", SYSTEMS)
def test_contract_states_controller_and_owner(system):
    stated = {item.property: item.value for item in contract_of(system).customProperties or []}

    assert set(stated) >= {"controller", "owner"}
    assert all(isinstance(value, str) and value for value in stated.values())


@pytest.mark.parametrize("system", SYSTEMS)
def test_contract_names_the_streams_of_its_connector_in_their_order(system):
    connector = connector_of(system)

    assert [stream.name for stream in contract_of(system).schema_ or []] == list(connector.streams())
    assert connector.name == system
    assert connector.contract == CONNECTORS / system / "contract.odcs.yaml"


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_stream_and_column_is_described_typed_and_classified(system):
    for stream in contract_of(system).schema_ or []:
        assert stream.description, stream.name
        assert stream.physicalName, stream.name
        assert stream.properties, stream.name
    for place, column in properties_of(system):
        assert column.description, place
        assert column.description.endswith("."), place
        assert column.logicalType, place
        assert column.physicalType, place
        assert column.classification in set(Classification), place


@pytest.mark.parametrize("system", SYSTEMS)
def test_columns_marked_as_key_are_required(system):
    for place, column in properties_of(system):
        assert column.required or not column.primaryKey, place


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_rule_is_named_described_and_has_one_of_the_six_dimensions(system):
    for place, column in properties_of(system):
        names = [rule.name for rule in column.quality or []]
        assert all(names), place
        assert len(names) == len(set(names)), place
        for rule in column.quality or []:
            assert (rule.type, rule.engine) == ("custom", "wye"), place
            assert rule.description, place
            assert rule.dimension in ODCS_DIMENSIONS, place


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_contract_compiles(system):
    contract = load_contract(CONNECTORS / system / "contract.odcs.yaml", system)

    assert tuple(contract.streams) == connector_of(system).streams()
    for name, stream in contract.streams.items():
        for rule in stream.rules:
            other = rule.arguments.get("column")
            assert other is None or other in stream.columns, f"{name}.{rule.column}"


@pytest.mark.parametrize("system", SYSTEMS)
def test_connector_has_a_readme_and_keeps_its_ports(system):
    connector = connector_of(system)

    assert (CONNECTORS / system / "README.md").read_text().startswith("# ")
    assert isinstance(connector, (Reads, Receives))
    for port, members in (
        (Reads, {"check", "discover", "read"}),
        (Receives, {"rows"}),
        (FindsDeletions, {"keys"}),
        (Writes, {"write"}),
        (Shapes, {"media_type", "shape"}),
    ):
        held = {member for member in members if hasattr(connector, member)}
        assert not held or isinstance(connector, port)
