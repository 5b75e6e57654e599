"""Give tests a Mosaic of a dozen invented people, in a real PostgreSQL."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from connectors.frameworki import Frameworki
from connectors.frameworki.counterpart import load

Row = dict[str, object]
STAMP = "2026-03-01T09:00:00"
TOUCH = """
    UPDATE mosaic.dm_persons SET last_updated = now() AT TIME ZONE 'UTC' + %s::interval WHERE person_id = ANY(%s)
"""


def person(number: int, **changed: object) -> Row:
    row: Row = {
        "PERSON_ID": number,
        "FULL_NAME": f"Ash Tester{chr(65 + number % 26)}",
        "FIRST_NAME": "Ash",
        "LAST_NAME": "Hollowell",
        "GENDER": "F",
        "PERSON_ID_LEGACY": f"L{number}",
        "DATE_OF_BIRTH": "1980-05-01T00:00:00",
        "LAST_UPDATED": f"2026-03-01T09:{number % 60:02d}:00",
    }
    return row | changed


@dataclass(frozen=True)
class Mosaic:
    """A loaded Mosaic: its connector, and ways to change what it holds."""

    url: str
    connector: Frameworki

    def execute(self, statement: LiteralString, *values: object) -> None:
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(statement, values)

    def touch(self, people: list[int], offset: str = "0 s") -> None:
        """Stamp people's rows with the database's time plus `offset`."""
        self.execute(TOUCH, offset, people)

    def keys_read(self, stream: str, cursor: str | None = None, batch_rows: int = 5) -> tuple[list[str], str | None]:
        keys: list[str] = []
        for batch in self.connector.read(stream, cursor, batch_rows):
            keys += [row.key for row in batch.rows]
            cursor = batch.cursor
        return keys, cursor


@pytest.fixture
def mosaic(database_url: str, tmp_path: Path) -> Callable[[Mapping[str, list[Row]]], Mosaic]:
    def loaded(tables: Mapping[str, list[Row]]) -> Mosaic:
        for table, rows in tables.items():
            lines = (json.dumps({"LAST_UPDATED": STAMP} | row) + "\n" for row in rows)
            (tmp_path / f"{table}.jsonl").write_text("".join(lines))
        load(tmp_path, database_url)
        imports = tmp_path / "imports"
        imports.mkdir(exist_ok=True)
        return Mosaic(database_url, Frameworki({"url": database_url, "import_folder": str(imports)}))

    return loaded


@pytest.fixture
def twelve(mosaic: Callable[[Mapping[str, list[Row]]], Mosaic]) -> Mosaic:
    """Twelve people; two of them share a stamp, so that only the key orders them."""
    rows = [person(number) for number in range(1, 12)]
    return mosaic({"DM_PERSONS": [*rows, person(12, LAST_UPDATED="2026-03-01T09:05:00")]})


@pytest.fixture
def day() -> date:
    """The day that the rules take for today."""
    return date(2026, 11, 21)
