"""One county, its systems and its partners, for the tests of the road."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from journey import hub_on, walk

from wye.demo.stage import Stage, set_stage
from wye.local.broker import Broker
from wye.local.cluster import Cluster
from wye.road.hub import Hub

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A node of this session's own: the names of feeds are the agreements', and two sessions would share them."""
    one = Broker(tmp_path_factory.mktemp("broker"))
    one.start()
    yield one
    one.erase()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, broker: Broker) -> Iterator[Stage]:
    """A stage that is set, and on which nothing has been done."""
    home = tmp_path_factory.mktemp("stage")
    one = set_stage(home, people=300, seed=7, cluster=cluster, broker=broker, agreements=ROOT / "sharing_agreements")
    with one.processes:
        yield one


@pytest.fixture(scope="module")
def walked(stage: Stage) -> Iterator[Hub]:
    """A hub on the stage after the whole road, there and back."""
    with hub_on(stage) as hub:
        walk(stage, hub)
        yield hub
