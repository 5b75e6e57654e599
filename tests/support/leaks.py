"""Look for the marker people wherever personal values must never be."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

THEIR_OWN = ("county", "counterparts", "drops")
"""Folders of the stage that belong to the county's systems and partners: there, people's data is at home."""

CHUNK = 1 << 20


def markers(county: Path) -> re.Pattern[bytes]:
    """Compile what to look for, without regard to case."""
    values = json.loads((county / "truth" / "markers.json").read_text())["values"]
    return re.compile(b"|".join(re.escape(str(value).encode()) for value in values), re.IGNORECASE)


def in_files(folder: Path, wanted: re.Pattern[bytes], apart_from: tuple[str, ...] = ()) -> Iterator[str]:
    """Name the files below a folder that hold a marker: logs, settings, broker data, everything unsealed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.relative_to(folder).parts[0] not in apart_from:
            tail = b""
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    if wanted.search(tail + chunk):
                        yield str(path.relative_to(folder))
                        break
                    tail = chunk[-256:]


def in_database(url: str, wanted: re.Pattern[bytes], schemas: tuple[str, ...]) -> Iterator[str]:
    """Name the tables of these schemas whose dump holds a marker: XCom, rendered fields, run settings, all of it."""
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema = ANY(%s) ORDER BY 1, 2",
            (list(schemas),),
        ).fetchall()
        for schema, table in tables:
            words = sql.SQL("COPY (SELECT * FROM {}.{}) TO STDOUT").format(
                sql.Identifier(schema), sql.Identifier(table)
            )
            with conn.cursor() as cursor, cursor.copy(words) as copy:
                found = [True for line in copy if wanted.search(bytes(line))]  # read to its end: a COPY cannot be left
            if found:
                yield f"{schema}.{table}"
