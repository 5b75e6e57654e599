"""A round of the road shows the log to its witnesses: one that does not answer is said, and stops nothing."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from audit_log import ORIGIN, an_event
from county_hub import AT, hub_on_database

from wye.audit.append import append
from wye.audit.checkpoint import verifier_key
from wye.audit.rows import newest_checkpoint
from wye.audit.witness import Cosigner, Memory, Witness
from wye.audit.witness.server import serve
from wye.audit.witness_rows import cosignatures
from wye.road.hub import Hub
from wye.road.once import once
from wye.settings import WitnessSettings

pytestmark = pytest.mark.services
NOBODY = "http://127.0.0.1:1"
Round = Callable[..., dict[str, list[object]]]


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub without systems and agreements, some entries of which have no place in the log yet."""
    with hub_on_database(database_url, tmp_path) as one:
        append(one.conn, one.keys, [an_event() for _ in range(4)], AT)
        one.settings = one.settings.model_copy(update={"agreements": tmp_path / "none"})
        yield replace(one, source_names=())


@pytest.fixture
def police(hub: Hub, tmp_path: Path) -> Iterator[WitnessSettings]:
    """A partner's witness, served over HTTP."""
    folder = tmp_path / "witness"
    folder.mkdir()
    cosigner, memory = Cosigner.make(folder, "marches-police.example/witness"), Memory(folder)
    memory.watch(verifier_key(ORIGIN, hub.keys.signing_key().public_key()))
    server = serve(Witness(cosigner, memory), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield WitnessSettings(url=f"http://127.0.0.1:{server.server_address[1]}", key=cosigner.verifier_key)
    server.shutdown()
    server.server_close()


@pytest.fixture
def walk(hub: Hub) -> Round:
    """Walk the road once with these witnesses; gives the verbs done with their counts, and the faults of witnesses."""

    def round_(witnesses: dict[str, WitnessSettings], *, own_sources: bool = True) -> dict[str, list[object]]:
        hub.settings = hub.settings.model_copy(update={"witnesses": witnesses})
        told = once(hub, lambda _: None, own_sources=own_sources)
        done = [(each["verb"], each["counts"]) for each in told["done"]]
        return {"done": done, "faults": [each for each in told["faults"] if "witness" in str(each)]}

    return round_


def test_round_shows_the_log_to_its_witnesses_once_it_is_sequenced(
    hub: Hub, police: WitnessSettings, walk: Round
) -> None:
    told = walk({"police": police})

    assert ("witness", {"cosigned": 1}) in told["done"]
    assert told["faults"] == []
    newest = newest_checkpoint(hub.conn)
    assert newest is not None
    assert newest.size >= 4
    assert newest.size in cosignatures(hub.conn)


def test_witness_that_does_not_answer_is_said_and_the_round_goes_on(
    hub: Hub, police: WitnessSettings, walk: Round
) -> None:
    told = walk({"health": WitnessSettings(url=NOBODY, key=police.key), "police": police})

    (fault,) = told["faults"]
    assert str(fault) == "witness: the witness at `127.0.0.1` does not answer: ConnectError"
    verbs = [verb for verb, _ in told["done"]]
    assert "sequence" in verbs
    assert "score" in verbs
    newest = newest_checkpoint(hub.conn)
    assert newest is not None
    assert newest.size in cosignatures(hub.conn), "the others are shown the log all the same"


def test_round_without_witnesses_and_round_of_a_worker_ask_none(police: WitnessSettings, walk: Round) -> None:
    assert "witness" not in dict(walk({})["done"])
    assert "witness" not in dict(walk({"police": police}, own_sources=False)["done"])
