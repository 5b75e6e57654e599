"""Read a whole small county through real counterparts: all of it arrives, passes or is quarantined, and maps."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from connectors.crm import Crm
from connectors.crm.counterpart import serve
from connectors.frameworki import Frameworki
from connectors.frameworki.counterpart import load
from connectors.frameworki.tables import TABLES
from wye.county import make
from wye.intake.map import meaning, without
from wye.intake.stream import Finding
from wye.ports import Connector
from wye.quality.check import check_rows
from wye.quality.contract import load_contract

pytestmark = pytest.mark.services

TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    make(folder, 1500, seed=7, today=TODAY)
    return folder


def passage(connector: Connector, stream: str) -> tuple[int, int, Counter[str]]:
    """Count rows read, rows quarantined, and records mapped by entity."""
    contract = load_contract(connector.contract, connector.name).streams[stream]
    read, quarantined, mapped = 0, 0, Counter[str]()
    for batch in connector.read(stream, None, 200):
        contract.check_columns(frozenset().union(*(row.values for row in batch.rows)))
        failures = check_rows(contract, [row.values for row in batch.rows], TODAY)
        findings = [Finding(each.row, each.rule, each.column, each.dimension, each.severity) for each in failures]
        failing, left_out = meaning(findings, range(len(batch.rows)))
        read += len(batch.rows)
        quarantined += len(failing)
        for place, row in enumerate(batch.rows):
            if place not in failing:
                mapped.update(record.entity for record in connector.map(stream, without(row, left_out.get(place))))
    return read, quarantined, mapped


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def test_frameworki_arrives_whole(county, database_url):
    load(county / "frameworki", database_url)
    mosaic = Frameworki({"url": database_url})
    found = {stream: passage(mosaic, stream) for stream in mosaic.streams()}

    for stream, (read, quarantined, mapped) in found.items():
        assert read == lines(county / "frameworki" / f"{TABLES[stream].name.upper()}.jsonl") > 0, stream
        assert quarantined < read / 10, stream
        assert sum(mapped.values()) >= read - quarantined, stream
    assert found["persons"][1] > 0
    assert found["persons"][2]["flag"] > 0
    assert found["groups"][2].keys() == {"involvement", "flag"}


def test_crm_arrives_whole(county):
    with serve(county / "crm", "t") as url:
        crm = Crm({"url": url, "token": "t"})
        found = {stream: passage(crm, stream) for stream in crm.streams()}

    for stream, (read, quarantined, _) in found.items():
        assert read == lines(county / "crm" / f"{stream}.jsonl") > 0
        assert quarantined < read / 10
    assert found["contacts"][1] > 0
    assert found["contacts"][2].keys() == {"person", "address", "contact_point", "relationship"}
    assert found["incidents"][2]["contact_event"] == found["incidents"][0]
