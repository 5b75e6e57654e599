"""A database and keys for one audit log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wye.keys.file import FileKeys
from wye.store.database import Connection, connect


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as conn:
        yield conn


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.open(tmp_path / "keys")
