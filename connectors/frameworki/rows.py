"""Hold the SQL that reads the reporting database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

from connectors.frameworki.position import Position
from connectors.frameworki.tables import BORROWED, STAMP, Table
from wye.ports import ContractBroken, SourceUnavailable

Connection = psycopg.Connection[tuple[object, ...]]

STATEMENT_SECONDS = 120
"""A page of some thousand rows by index takes milliseconds; a database that needs two minutes is not well."""

AS_HELD = ("timestamp", "timestamptz", "date", "time", "timetz", "interval", "numeric", "float4", "float8")
"""Types taken as the database's own text: Python has no date `infinity` and no exact float, and the rules read text."""


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """Open a connection that cannot write; raises SourceUnavailable or ContractBroken in the connector's words."""
    options = f"-c default_transaction_read_only=on -c timezone=UTC -c statement_timeout={STATEMENT_SECONDS}s"
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10, options=options) as conn:
            for name in AS_HELD:
                conn.adapters.register_loader(name, TextLoader)
            yield conn
    # INVARIANT: psycopg's own message is left out: it may quote a value, and it names accounts.
    except psycopg.errors.UndefinedTable:
        raise ContractBroken("a table that `frameworki` reads is not there: see the README for what it needs") from None
    except psycopg.errors.UndefinedColumn:
        raise ContractBroken("a key column or `LAST_UPDATED` of `frameworki` is not there: see the README") from None
    except psycopg.Error as error:
        reason = error.sqlstate or "no connection"
        raise SourceUnavailable(
            f"the reporting database of `frameworki` does not answer ({reason}): "
            "check `WYE_SOURCES__FRAMEWORKI__URL`, the account's rights and the database itself"
        ) from None


def page(conn: Connection, schema: str, table: Table, after: Position | None, rows: int) -> list[dict[str, object]]:
    """Fetch the next rows in order of (LAST_UPDATED, key); column names in upper case, values as JSON values."""
    conditions, values = _only(table)
    if after is not None and after.key is None:
        conditions.append(sql.SQL("t.{} >= %s::timestamp").format(sql.Identifier(STAMP)))
        values.append(after.stamp)
    elif after is not None:
        both = (sql.Identifier(STAMP), sql.Identifier(table.key))
        conditions.append(sql.SQL("(t.{}, t.{}) > (%s::timestamp, %s::bigint)").format(*both))
        values += [after.stamp, after.key]
    query = sql.SQL("SELECT {columns} FROM {table} AS t {join} {where} ORDER BY t.{stamp}, t.{key} LIMIT %s").format(
        columns=_columns(table),
        table=sql.Identifier(schema, table.name),
        join=_join(schema, table),
        where=_where(conditions),
        stamp=sql.Identifier(STAMP),
        key=sql.Identifier(table.key),
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            {name.upper(): _json_value(value) for name, value in row.items()}
            for row in cursor.execute(query, [*values, rows])
        ]


def _only(table: Table) -> tuple[list[sql.Composable], list[object]]:
    if table.only is None:
        return [], []
    column, wanted = table.only
    return [sql.SQL("t.{} = ANY(%s)").format(sql.Identifier(column))], [list(wanted)]


def _where(conditions: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL("WHERE {}").format(sql.SQL(" AND ").join(conditions)) if conditions else sql.SQL("")


def _columns(table: Table) -> sql.Composable:
    # INVARIANT: every column is fetched, so that one the contract does not name is seen, and holds the batch.
    if table.name != "dm_prof_relationships":
        return sql.SQL("t.*")
    return sql.SQL("t.*, w.full_name AS worker_full_name, p.context_flag AS person_context_flag")


def _join(schema: str, table: Table) -> sql.Composable:
    if table.name != "dm_prof_relationships":
        return sql.SQL("")
    return sql.SQL(
        "LEFT JOIN {} AS w ON w.worker_id = t.worker_id LEFT JOIN {} AS p ON p.person_id = t.person_id"
    ).format(sql.Identifier(schema, "dm_workers"), sql.Identifier(schema, "dm_persons"))


def _json_value(value: object) -> object:
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def clock(conn: Connection) -> datetime:
    """Tell the database's time, naive and UTC: the stamps are its own, so the comparison is by its clock."""
    row = conn.execute("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')").fetchone()
    return datetime.fromisoformat(str(row[0] if row else ""))


def has_unusable_stamps(conn: Connection, schema: str, table: Table) -> bool:
    """Tell whether a row has no LAST_UPDATED, or one outside the calendar: no cursor would ever reach it."""
    query = sql.SQL(
        "SELECT EXISTS (SELECT FROM {table} WHERE {stamp} IS NULL) OR "
        "EXISTS (SELECT FROM {table} WHERE {stamp} > '9999-12-31') OR "
        "EXISTS (SELECT FROM {table} WHERE {stamp} < '0001-01-01')"
    ).format(table=sql.Identifier(schema, table.name), stamp=sql.Identifier(STAMP))
    row = conn.execute(query).fetchone()
    return bool(row and row[0])


def keys(conn: Connection, schema: str, table: Table) -> Iterator[str]:
    """Stream every key by a server-side cursor, so that memory does not grow with the table."""
    conditions, values = _only(table)
    query = sql.SQL("SELECT {} FROM {} AS t {}").format(
        sql.Identifier(table.key), sql.Identifier(schema, table.name), _where(conditions)
    )
    with conn.transaction(), conn.cursor(name="wye_keys") as cursor:
        cursor.itersize = 10_000
        for row in cursor.execute(query, values):
            yield str(row[0])


def columns(conn: Connection, schema: str, table: Table) -> Mapping[str, str]:
    """Tell each column of the table, in upper case, with its type in PostgreSQL's words; empty if there is no table."""
    found = dict(_columns_of(conn, schema, table.name))
    if found and table.name == "dm_prof_relationships":
        for name, (lender, column) in BORROWED.items():
            if kind := dict(_columns_of(conn, schema, lender)).get(column.upper()):
                found[name] = kind
    return found


def _columns_of(conn: Connection, schema: str, table: str) -> Sequence[tuple[str, str]]:
    query = """
        SELECT upper(a.attname), format_type(a.atttypid, a.atttypmod)
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    """
    return [(str(name), str(kind)) for name, kind in conn.execute(query, (schema, table))]


def answers(conn: Connection, schema: str, items: Sequence[str]) -> dict[str, str]:
    """Read the worklist's answers to proposals; none, if the council has not set up DM_PROPOSALS."""
    if conn.execute("SELECT to_regclass(%s)", (f"{schema}.dm_proposals",)).fetchone() == (None,):
        return {}
    query = sql.SQL("SELECT proposal_id::text, lower(state) FROM {} WHERE proposal_id::text = ANY(%s)").format(
        sql.Identifier(schema, "dm_proposals")
    )
    found = conn.execute(query, (list(items),)).fetchall()
    return {str(item): str(state) for item, state in found if state in {"accepted", "refused"}}
