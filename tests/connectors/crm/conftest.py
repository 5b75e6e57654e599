"""Give tests a customer system of a dozen invented people, served over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_rows import TOKEN, Dataverse, contact, incident

from connectors.crm.counterpart import Limits, serve


@pytest.fixture
def dataverse(tmp_path: Path) -> Iterator[Dataverse]:
    held = Dataverse(tmp_path, Limits())
    held.put("contacts", [contact(number) for number in range(1, 13)])
    held.put("incidents", [incident(1)])
    with serve(tmp_path, TOKEN, limits=held.limits) as url:
        held.url = url
        yield held
