"""A contract says which streams and columns carry protections, in known words, and forgets none."""

from pathlib import Path

import pytest
import yaml
from county_source_rows import connector, contract, county_rows

from connectors.frameworki import Frameworki
from wye.county import make
from wye.errors import BadInput, ContractBroken
from wye.quality.contract import load_contract


def test_every_stream_that_maps_to_a_flag_or_an_answer_says_that_it_carries_a_protection(tmp_path: Path) -> None:
    make(tmp_path, 1500, 7)
    found: set[tuple[str, str]] = set()
    for (source, stream), rows in county_rows(tmp_path).items():
        for row in rows:
            try:
                entities = {record.entity for record in connector(source).map(stream, row)}
            except (BadInput, ValueError):
                continue
            if entities & {"flag", "consent"}:
                found.add((source, stream))

    assert found == {("frameworki", stream) for stream in ("persons", "groups", "answers")}
    assert all(contract(source).streams[stream].protective for source, stream in found)


def test_protective_columns_are_those_that_say_so_or_all_of_a_stream_that_does() -> None:
    streams = contract("frameworki").streams

    assert streams["persons"].protective == {"PERSON_ID", "RESTRICTED"}
    assert streams["groups"].protective == set(streams["groups"].columns)
    assert streams["addresses"].protective == frozenset()


@pytest.mark.parametrize("place", ["stream", "column"])
def test_contract_that_carries_an_unknown_word_is_refused(tmp_path: Path, place: str) -> None:
    content = yaml.safe_load(Frameworki.contract.read_text(encoding="utf-8"))
    stream = content["schema"][0]
    part = stream if place == "stream" else stream["properties"][0]
    part["customProperties"] = [{"property": "carries", "value": "protections"}]
    path = tmp_path / "contract.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")

    with pytest.raises(ContractBroken, match="carries `protections`; allowed: protection"):
        load_contract(path, "frameworki")
