"""Make one county for all tests that only read it."""

import pytest
from made_county import MadeCounty, make_county


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> MadeCounty:
    return make_county(tmp_path_factory.mktemp("county"), people=6_000, seed=2)
