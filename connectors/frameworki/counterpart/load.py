"""Create the schema `mosaic` and copy an example county's files into it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
import psycopg
from psycopg import sql

from wye.ports import BadInput, EnvironmentFault

SCHEMA = Path(__file__).with_name("schema.sql")


def load(folder: Path, url: str) -> dict[str, int]:
    """Make the schema anew from `<TABLE>.jsonl`, in one transaction; return the rows of each table.

    A schema `mosaic` that this counterpart did not make is left alone: it might be somebody's Mosaic.
    """
    files = {path.stem.lower(): path for path in sorted(folder.glob("DM_*.jsonl"))}
    if not files:
        raise BadInput(f"folder `{folder.name}` holds no DM_*.jsonl: make a county first")
    with psycopg.connect(url) as conn:
        _drop_own_schema(conn)
        conn.execute(SCHEMA.read_bytes())
        columns = _columns(conn)
        if strange := sorted(files.keys() - columns.keys()):
            raise BadInput(f"file `{strange[0].upper()}.jsonl` is of no table that Mosaic has here")
        counts = {table.upper(): _copy(conn, table, columns[table], path) for table, path in files.items()}
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ANALYZE")
    return counts


def _drop_own_schema(conn: psycopg.Connection) -> None:
    found = conn.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'mosaic'"
    ).fetchone()
    if found is None:
        return
    if not str(found[0]).startswith("counterpart of the frameworki connector"):
        raise EnvironmentFault(
            "the database has a schema `mosaic` that is not this counterpart's: name another database"
        )
    conn.execute("DROP SCHEMA mosaic CASCADE")


def _columns(conn: psycopg.Connection) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in conn.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'mosaic' "
        "ORDER BY table_name, ordinal_position"
    ):
        found.setdefault(table, []).append(column)
    return found


def _copy(conn: psycopg.Connection, table: str, columns: list[str], path: Path) -> int:
    names = [column.upper() for column in columns]
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("mosaic", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with conn.cursor() as cursor, cursor.copy(into) as copy:
        for values in _lines(path, frozenset(names)):
            copy.write_row([values.get(name) for name in names])
            count += 1
    return count


def _lines(path: Path, names: frozenset[str]) -> Iterator[Mapping[str, object]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            values = orjson.loads(line)
            if strange := sorted(values.keys() - names):
                raise BadInput(f"`{path.name}` line {number} has column `{strange[0]}`, which the table has not")
            yield values
