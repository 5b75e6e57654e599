"""Each key of an agreement says what it means and is kept by a program that is named, or is a statement: none pretends."""

import importlib
from pathlib import Path

import pytest

from wye.agreements.keys import keys, leaves


def test_every_key_has_a_row_and_every_row_a_key() -> None:
    assert list(keys()) == [path for path, _ in leaves()]


@pytest.mark.parametrize("path", list(keys()))
def test_key_is_enforced_by_modules_that_know_it_or_is_a_statement(path: str) -> None:
    row = keys()[path]

    assert row.statement != bool(row.by)
    for name in row.by:
        source = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
        assert (row.uses or path.rpartition(".")[2]).lower() in source.lower(), name
